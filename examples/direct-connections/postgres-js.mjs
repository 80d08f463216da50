// One user's work in one transaction, with postgres.js.
import postgres from 'postgres'

/** Policies see the user of this token while `work` runs. A token that is not valid throws, with code 28000. */
export function signedIn(sql, accessToken, work) {
  return sql.begin(async (sql) => {
    await sql`select workos_authenticate(${accessToken})`
    return work(sql)
  })
}

const sql = postgres({ host: process.env.PGHOST, max: 1 })
const print = (rows) => console.log(...Object.values(rows[0]).map(String))
await signedIn(sql, process.env.ACCESS_TOKEN, async (sql) => {
  print(await sql`select workos_user_id(), workos_org_id()`)
})
print(await sql`select workos_user_id()`)
await signedIn(sql, process.env.ACCESS_TOKEN + 'x', () => console.log('never printed'))
  .catch((error) => console.log(error.message))
await sql.end()
