// One user's work in one transaction, with Kysely.
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'

/** Policies see the user of this token while `work` runs. A token that is not valid throws, with code 28000. */
export function signedIn(db, accessToken, work) {
  return db.transaction().execute(async (trx) => {
    await sql`select workos_authenticate(${accessToken})`.execute(trx)
    return work(trx)
  })
}

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ max: 1 }) }) })
const print = ({ rows }) => console.log(...Object.values(rows[0]).map(String))
await signedIn(db, process.env.ACCESS_TOKEN, async (trx) => {
  print(await sql`select workos_user_id(), workos_org_id()`.execute(trx))
})
print(await sql`select workos_user_id()`.execute(db))
await signedIn(db, process.env.ACCESS_TOKEN + 'x', () => console.log('never printed'))
  .catch((error) => console.log(error.message))
await db.destroy()
