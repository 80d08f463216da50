// Webhooks, sent as WorkOS sends them: to the Edge Function, which Deno runs, and to the route of Next.js.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { createHmac } from "node:crypto"
import { after, before, describe, test } from "node:test"
import pg from "pg"
import { env, SECRET_KEY, startStack } from "./stack.ts"

const SECRET = "whsec_topsecret_0123456789"

let stack: Awaited<ReturnType<typeof startStack>>
let edge: ReturnType<typeof spawn>
let edgeSaid = ""
const owner = new pg.Client({ connectionString: env("OWNER_DATABASE_URL") })

const port = env("FUNCTION_PORT")
const endpoints: Record<string, () => string> = {
  "the Edge Function": () => `http://127.0.0.1:${port}/workos-webhook`,
  "the route of Next.js": () => `${stack.app}/workos-webhook`,
}

before(async () => {
  stack = await startStack()
  await owner.connect()
  await owner.query("select workos.add_webhook_secret($1)", [SECRET])
  edge = spawn(
    "deno",
    ["run", "--quiet", "--no-prompt", "--allow-env", "--allow-net", "supabase/functions/workos-webhook/index.ts"],
    {
      env: {
        ...process.env,
        NO_COLOR: "1",
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        SUPABASE_URL: `http://127.0.0.1:${env("SUPABASE_PORT")}`,
        SUPABASE_SERVICE_ROLE_KEY: SECRET_KEY,
      },
    },
  )
  for (const stream of [edge.stdout, edge.stderr]) stream?.on("data", (data) => (edgeSaid += data))
  for (let tries = 0; !(await fetch(`http://127.0.0.1:${port}`).catch(() => undefined)); tries++) {
    if (tries > 150 || edge.exitCode !== null) throw new Error(`the Edge Function does not answer:\n${edgeSaid}`)
    await new Promise((done) => setTimeout(done, 200))
  }
})

after(async () => {
  edge?.kill()
  await owner.end()
  await stack?.close()
})

type Body = string | Buffer<ArrayBuffer>

function sign(body: Body, { secret = SECRET, seconds = 0 } = {}) {
  const t = String(Date.now() + seconds * 1000)
  return `t=${t}, v1=${createHmac("sha256", secret).update(`${t}.`).update(body).digest("hex")}`
}

async function send(url: string, body: Body, signature?: string) {
  const headers: Record<string, string> = { "content-type": "application/json" }
  if (signature !== undefined) headers["workos-signature"] = signature
  const answer = await fetch(url, { method: "POST", headers, body })
  assert.equal(await answer.text(), "", "the answer says nothing but its status")
  return answer.status
}

let events = 0
function event(name: string, data: object, second = 0): string {
  const at = `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`
  const id = `event_${String(++events).padStart(4, "0")}`
  return JSON.stringify({ id, event: name, data: { updated_at: at, ...data }, created_at: at })
}

const statusOf = async (membership: string) => {
  const { rows } = await owner.query(
    "select status, deleted_at is not null as ended from workos.memberships where id = $1",
    [membership],
  )
  return rows.length === 0 ? "unknown" : rows[0].ended ? "ended" : rows[0].status
}

for (const [about, url] of Object.entries(endpoints)) {
  describe(about, () => {
    const id = `om_${about.length}`
    const membership = { id, user_id: "user_1", organization_id: "org_1", status: "active" }

    test("applies what is signed, in any order and repeated", async () => {
      const created = event("organization_membership.created", membership, 1)
      const updated = event("organization_membership.updated", { ...membership, status: "inactive" }, 2)
      for (const body of [updated, created, created, updated]) assert.equal(await send(url(), body, sign(body)), 200)
      assert.equal(await statusOf(id), "inactive")
      const deleted = event("organization_membership.deleted", membership, 3)
      for (const body of [deleted, created, updated]) assert.equal(await send(url(), body, sign(body)), 200)
      assert.equal(await statusOf(id), "ended")
    })

    test("hands on the body byte for byte", async () => {
      const body = `  {"event":"user.created","id":"event_z", "data":{"id":"user_${about.length}","first_name":"Zo\\u00eb é 😀","updated_at":"2026-01-01T00:00:00Z"}}\n`
      assert.equal(await send(url(), body, sign(body)), 200)
      const { rows } = await owner.query("select first_name from workos.users where id = $1", [`user_${about.length}`])
      assert.deepEqual(rows, [{ first_name: "Zoë é 😀" }])
    })

    test("refuses what is not signed, forged, late or changed", async () => {
      const body = event("organization_membership.created", {
        ...membership,
        id: `${id}_topsecret`,
        email: "topsecret@example.com",
      })
      const signature = sign(body)
      assert.equal(await send(url(), body), 401)
      assert.equal(await send(url(), body, "t=1, v1=2"), 401)
      assert.equal(await send(url(), body, sign(body, { secret: "whsec_of_somebody_else" })), 401)
      assert.equal(await send(url(), body, sign(body, { seconds: -190 })), 401)
      assert.equal(await send(url(), body, sign(body, { seconds: 190 })), 401)
      assert.equal(await send(url(), `${body} `, signature), 401)
      assert.equal(
        await send(url(), Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body)]), signature),
        401,
      )
      assert.equal(await statusOf(`${id}_topsecret`), "unknown")
      assert.equal(await send(url(), body, signature), 200)
      assert.equal(await statusOf(`${id}_topsecret`), "active")
    })

    test("refuses bodies of every shape", async () => {
      for (const body of [
        "",
        "topsecret",
        "[]",
        '{"event":"user.created"}',
        Buffer.from([0]),
        Buffer.from([0xff, 0xfe]),
        "[".repeat(1_000_000),
      ]) {
        assert.equal(await send(url(), body, sign(body)), 500)
      }
      const long = `{"topsecret":"${"x".repeat(2 ** 20)}"}`
      assert.equal(await send(url(), long, sign(long)), 401)
    })
  })
}

test("the endpoints answer to POST only", async () => {
  for (const url of Object.values(endpoints)) assert.equal((await fetch(url())).status, 405)
})

test("nobody else may call the function of the Edge Function", async () => {
  const body = event("user.created", { id: "user_topsecret" })
  const headers = {
    apikey: "sb_publishable_example",
    "content-type": "application/octet-stream",
    "workos-signature": sign(body),
  }
  const url = `http://127.0.0.1:${env("SUPABASE_PORT")}/rest/v1/rpc/workos_webhook`
  const answer = await fetch(url, { method: "POST", headers, body })
  assert.equal(answer.status, 401)
  assert.equal((await answer.json()).code, "42501")
})

test("the role of the route may do nothing else", async () => {
  const client = new pg.Client({ connectionString: env("WEBHOOK_DATABASE_URL") })
  await client.connect()
  for (const statement of [
    "select * from workos.users",
    "select workos.apply_event('{}')",
    "select * from documents",
  ]) {
    await assert.rejects(client.query(statement), { code: "42501" })
  }
  await client.end()
})

test("what they print names the cause and repeats nothing", () => {
  for (const said of [edgeSaid, stack.said()]) {
    assert.match(said, /webhook refused: 28000 the signature of the webhook is wrong/)
    assert.match(said, /webhook refused: 22023 the webhook is signed, but it is not JSON/)
    assert.doesNotMatch(said, /topsecret|v1=|example\.com/)
  }
})
