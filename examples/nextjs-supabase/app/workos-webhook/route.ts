import { DatabaseError, Pool } from "pg"

// A role that may do nothing but hand on webhooks.
const pool = new Pool({ connectionString: process.env.WEBHOOK_DATABASE_URL, max: 2 })

/** WorkOS sends its webhooks here. The database checks the signature of the body, byte for byte. */
export async function POST(request: Request) {
  const body = Buffer.from(await request.arrayBuffer())
  const signature = request.headers.get("workos-signature")
  try {
    await pool.query("select workos.receive_webhook($1::bytea, $2)", [body, signature])
  } catch (error) {
    // The message names the cause, and repeats neither the body nor the signature. WorkOS sends it again.
    const { code, message } = error instanceof DatabaseError ? error : { code: "", message: "no database" }
    console.error(`webhook refused: ${code} ${message}`)
    return new Response(null, { status: code === "28000" ? 401 : 500 })
  }
  return new Response(null, { status: 200 })
}
