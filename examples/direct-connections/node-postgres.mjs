// One user's work in one transaction, with node-postgres.
import pg from 'pg'

/** Policies see the user of this token while `work` runs. A token that is not valid throws, with code 28000. */
export async function signedIn(pool, accessToken, work) {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select workos_authenticate($1)', [accessToken])
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const pool = new pg.Pool({ max: 1 })
const print = ({ rows }) => console.log(...Object.values(rows[0]).map(String))
await signedIn(pool, process.env.ACCESS_TOKEN, async (client) => {
  print(await client.query('select workos_user_id(), workos_org_id()'))
})
print(await pool.query('select workos_user_id()'))
await signedIn(pool, process.env.ACCESS_TOKEN + 'x', () => console.log('never printed'))
  .catch((error) => console.log(error.message))
await pool.end()
