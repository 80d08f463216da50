// One user's work in one transaction, with Drizzle on node-postgres.
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'

/** Policies see the user of this token while `work` runs. A token that is not valid throws; the error's cause
 * has code 28000. Drizzle puts parameters into its own message: log the cause, not the error. */
export function signedIn(db, accessToken, work) {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select workos_authenticate(${accessToken})`)
    return work(tx)
  })
}

const pool = new pg.Pool({ max: 1 })
const db = drizzle({ client: pool })
const print = ({ rows }) => console.log(...Object.values(rows[0]).map(String))
await signedIn(db, process.env.ACCESS_TOKEN, async (tx) => {
  print(await tx.execute(sql`select workos_user_id(), workos_org_id()`))
})
print(await db.execute(sql`select workos_user_id()`))
await signedIn(db, process.env.ACCESS_TOKEN + 'x', () => console.log('never printed'))
  .catch((error) => console.log((error.cause ?? error).message))
await pool.end()
