// Stands in for PostgREST where its program cannot be had: as much of its language as the application speaks.
//
// What matters to policies is as PostgREST does it: the signature and the times of the token are verified; the request
// is one transaction, READ ONLY for GET and stable functions; its first statement sets search_path, role, request.jwt.claims and the like
// for the transaction, by bind parameters, with the Postgres role in the claim `role`; a request without a token is
// `anon` with the claims {"role":"anon"}. Errors have the statuses and bodies of PostgREST.
import { createLocalJWKSet, errors, jwtVerify } from "jose"
import pg from "pg"
import { json } from "./http.ts"

type Settings = [name: string, value: string][]
type Statement = { text: string; values: unknown[] }

export function standInForPostgrest(database: string, keys: { keys: object[] }) {
  const pool = new pg.Pool({ connectionString: database, max: 4 })
  const keySet = createLocalJWKSet(keys as Parameters<typeof createLocalJWKSet>[0])

  async function claimsOf(authorization: string | null): Promise<Record<string, unknown>> {
    const token = authorization?.match(/^bearer\s+(.+)$/i)?.[1]
    if (token === undefined) return { role: "anon" }
    const { payload } = await jwtVerify(token, keySet, { algorithms: ["RS256"], clockTolerance: 30 })
    return { ...payload, role: payload.role ?? "anon" }
  }

  async function run(settings: Settings, statement: Statement, readOnly: boolean): Promise<unknown[]> {
    const client = await pool.connect()
    try {
      await client.query(`begin isolation level read committed ${readOnly ? "read only" : "read write"}`)
      const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`)
      await client.query(`select ${calls.join(", ")}`, settings.flat())
      const { rows } = await client.query(statement)
      await client.query("commit")
      return rows[0].body
    } catch (error) {
      await client.query("rollback")
      throw error
    } finally {
      client.release()
    }
  }

  async function handle(request: Request): Promise<Response> {
    let claims: Record<string, unknown>
    try {
      claims = await claimsOf(request.headers.get("authorization"))
    } catch (error) {
      if (error instanceof errors.JOSEError) return refused(error)
      throw error
    }
    const { pathname, searchParams } = new URL(request.url)
    // PostgREST looks up which functions are stable. Those of this application are, but for the one that takes a body.
    const readOnly = request.method === "GET" || (pathname.startsWith("/rpc/") && !isRaw(request))
    const settings: Settings = [
      ["search_path", '"public", "extensions"'],
      ["role", String(claims.role)],
      ["request.jwt.claims", JSON.stringify(claims)],
      ["request.method", request.method],
      ["request.path", pathname],
      ["request.headers", JSON.stringify(Object.fromEntries(request.headers))],
      ["request.cookies", "{}"],
    ]
    try {
      const body = await run(settings, await statementFor(request, pathname, searchParams), readOnly)
      return answer(request, body)
    } catch (error) {
      if (error instanceof pg.DatabaseError) return failed(error, claims)
      throw error
    }
  }

  return { handle, close: () => pool.end() }
}

async function statementFor(request: Request, pathname: string, query: URLSearchParams): Promise<Statement> {
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const { schema, name, isFunction } = targetOf(pathname)
  const target = `${schema}.${identifier(name)}`
  const columns = columnsOf(query.get("select"))
  const returning = columns === "*" ? `${target}.*` : columns

  let source: string
  if (isFunction) {
    // A body of bytes is handed on to the only parameter, which has no name.
    const argument = isRaw(request) ? parameter(Buffer.from(await request.arrayBuffer())) : ""
    source = `select ${target}(${argument}) as pgrst_scalar`
    return { text: `select coalesce(json_agg(c.pgrst_scalar) -> 0, 'null') as body from (${source}) c`, values }
  }
  switch (request.method) {
    case "GET":
      source = `select ${columns} from ${target}${where(query, parameter)}${order(query)}`
      break
    case "POST": {
      const rows: Record<string, unknown>[] = [await request.json()].flat()
      const names = Object.keys(rows[0] ?? {})
        .map(identifier)
        .join(", ")
      const records = `json_populate_recordset(null::${target}, ${parameter(JSON.stringify(rows))})`
      source = `insert into ${target} (${names}) select ${names} from ${records} returning ${returning}`
      break
    }
    case "PATCH": {
      const row: Record<string, unknown> = await request.json()
      const names = Object.keys(row).map(identifier).join(", ")
      const record = `json_populate_record(null::${target}, ${parameter(JSON.stringify(row))})`
      source = `update ${target} set (${names}) = (select ${names} from ${record})${where(query, parameter)} returning ${returning}`
      break
    }
    case "DELETE":
      source = `delete from ${target}${where(query, parameter)} returning ${returning}`
      break
    default:
      throw new Error(`not part of this stand-in: ${request.method}`)
  }
  // Without `return=representation` PostgREST asks for no row back, so that no policy for reading is needed.
  if (request.method !== "GET" && !returns(request)) source = source.replace(/ returning .*$/, " returning 1")
  return {
    text: `with pgrst_source as (${source}) select coalesce(json_agg(t), '[]') as body from (select * from pgrst_source) t`,
    values,
  }
}

function targetOf(pathname: string) {
  const [, isFunction, name] = pathname.match(/^\/(rpc\/)?([a-z_]+)$/) ?? []
  if (!name) throw new Error(`not part of this stand-in: ${pathname}`)
  return { schema: '"public"', name, isFunction: isFunction !== undefined }
}

const isRaw = (request: Request) => request.headers.get("content-type") === "application/octet-stream"
const identifier = (name: string) => `"${name.trim().replaceAll('"', '""')}"`
const columnsOf = (select: string | null) =>
  !select || select === "*" ? "*" : select.split(",").map(identifier).join(", ")
const returns = (request: Request) => request.headers.get("prefer")?.includes("return=representation") ?? false

function where(query: URLSearchParams, parameter: (value: unknown) => string): string {
  const conditions = [...query]
    .filter(([name]) => !["select", "order", "columns"].includes(name))
    .map(([name, condition]) => {
      const value = condition.match(/^eq\.(.*)$/s)?.[1]
      if (value === undefined) throw new Error(`not part of this stand-in: ${name}=${condition}`)
      return `${identifier(name)} = ${parameter(value)}`
    })
  return conditions.length > 0 ? ` where ${conditions.join(" and ")}` : ""
}

function order(query: URLSearchParams): string {
  const terms = query.get("order")?.split(",") ?? []
  const sql = terms.map((term) => {
    const [name = "", direction] = term.split(".")
    return `${identifier(name)} ${direction === "desc" ? "desc" : "asc"}`
  })
  return sql.length > 0 ? ` order by ${sql.join(", ")}` : ""
}

function answer(request: Request, body: unknown): Response {
  const status = request.method === "POST" && !request.url.includes("/rpc/") ? 201 : 200
  if (!request.url.includes("/rpc/") && request.method !== "GET" && !returns(request)) {
    return new Response(null, { status: status === 201 ? 201 : 204 })
  }
  if (!request.headers.get("accept")?.includes("application/vnd.pgrst.object+json")) return json(body, status)
  if (Array.isArray(body) && body.length === 1) return json(body[0], status)
  const details = `The result contains ${Array.isArray(body) ? body.length : 0} rows`
  return json(
    { code: "PGRST116", details, hint: null, message: "Cannot coerce the result to a single JSON object" },
    406,
  )
}

function refused(error: errors.JOSEError): Response {
  const expired = error instanceof errors.JWTExpired
  const body = expired
    ? { code: "PGRST303", message: "JWT expired" }
    : { code: "PGRST301", message: "No suitable key or wrong key type" }
  return json({ ...body, details: null, hint: null }, 401, { "www-authenticate": "Bearer" })
}

function failed(error: pg.DatabaseError, claims: Record<string, unknown>): Response {
  const forbidden = error.code?.startsWith("28") ? 403 : 400
  const status = error.code !== "42501" ? forbidden : claims.role === "anon" ? 401 : 403
  const { code, message, detail = null, hint = null } = error
  return json({ code, message, details: detail, hint }, status)
}
