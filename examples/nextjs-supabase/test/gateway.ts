// Stands in for the API gateway of a Supabase project: it asks for an API key, answers the browser's CORS requests, and
// hands /rest/v1 on to PostgREST. With POSTGREST=/path/to/postgrest that is PostgREST itself, otherwise postgrest.ts.
import { spawn } from "node:child_process"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { json, type Server, serve } from "./http.ts"
import { standInForPostgrest } from "./postgrest.ts"

export const PUBLISHABLE_KEY = "sb_publishable_example"
export const SECRET_KEY = "sb_secret_example"

type Options = { port: number; database: string; jwks: { keys: object[] } }

const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*, authorization",
  "access-control-allow-methods": "GET, POST, PATCH, DELETE, OPTIONS",
}

export async function startGateway({ port, database, jwks }: Options): Promise<Server> {
  // Supabase turns a secret key into a token of its own, which PostgREST accepts beside those of WorkOS.
  const { publicKey, privateKey } = await generateKeyPair("RS256")
  const keys = { keys: [...jwks.keys, { ...(await exportJWK(publicKey)), kid: "supabase", alg: "RS256", use: "sig" }] }
  const serviceToken = () =>
    new SignJWT({ role: "service_role" })
      .setProtectedHeader({ alg: "RS256", kid: "supabase" })
      .setExpirationTime("1 minute")
      .sign(privateKey)

  const program = process.env.POSTGREST
  const postgrest = program
    ? await startPostgrest(program, port + 1, database, keys)
    : standInForPostgrest(database, keys)

  const server = await serve(port, async (request) => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: cors })
    const url = new URL(request.url)
    const key = request.headers.get("apikey")
    if (key !== PUBLISHABLE_KEY && key !== SECRET_KEY) return json({ message: "Invalid API key" }, 401, cors)
    if (!url.pathname.startsWith("/rest/v1/")) return json({ message: "not part of this stand-in" }, 404, cors)

    const headers = new Headers(request.headers)
    headers.delete("apikey")
    headers.delete("host")
    headers.delete("connection")
    headers.delete("content-length")
    // supabase-js sends the API key as the token where there is none. Keys are no tokens.
    if (headers.get("authorization") === `Bearer ${key}`) headers.delete("authorization")
    if (key === SECRET_KEY && !headers.has("authorization")) {
      headers.set("authorization", `Bearer ${await serviceToken()}`)
    }
    url.pathname = url.pathname.slice("/rest/v1".length)
    const body = request.method === "GET" || request.method === "HEAD" ? null : await request.arrayBuffer()
    const answer = await postgrest.handle(new Request(url, { method: request.method, headers, body }))

    const response = new Response([204, 304].includes(answer.status) ? null : await answer.text(), answer)
    for (const [name, value] of Object.entries(cors)) response.headers.set(name, value)
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) response.headers.delete(name)
    return response
  })
  return {
    url: server.url,
    async close() {
      await server.close()
      await postgrest.close()
    },
  }
}

/** PostgREST itself, with the settings that Supabase gives it. */
async function startPostgrest(program: string, port: number, database: string, keys: object) {
  const child = spawn(program, [], {
    stdio: "inherit",
    env: {
      ...process.env,
      PGRST_DB_URI: database,
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_EXTRA_SEARCH_PATH: "public, extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_JWT_SECRET: JSON.stringify(keys),
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: String(port),
    },
  })
  const handle = async (request: Request) => {
    const url = new URL(request.url)
    url.host = `127.0.0.1:${port}`
    const body = request.method === "GET" || request.method === "HEAD" ? null : await request.arrayBuffer()
    return fetch(url, { method: request.method, headers: request.headers, body })
  }
  for (let tries = 0; ; tries++) {
    const up = await handle(new Request("http://postgrest/")).catch(() => undefined)
    if (up?.ok) break
    if (tries > 100 || child.exitCode !== null) throw new Error("PostgREST does not start")
    await new Promise((done) => setTimeout(done, 100))
  }
  return {
    handle,
    async close() {
      child.kill()
    },
  }
}
