// Runs Postgres. The page ends this worker when a command takes too long, and starts another one.
import { PGlite } from "@electric-sql/pglite"

// Everything that Postgres needs comes from the page in a message. Nothing in here may use the network.
for (const name of ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "importScripts", "indexedDB", "caches"]) {
  Object.defineProperty(self, name, { value: undefined, configurable: false, writable: false })
}

const MOST_ROWS = 200
const MOST_CHARACTERS = 4000

let db
let asText = {}

async function start({ postgres, initdb, data, setup }) {
  db = new PGlite({ pgliteWasmModule: postgres, initdbWasmModule: initdb, fsBundle: data })
  await db.waitReady
  // Values are shown as Postgres writes them.
  const types = await db.query("select oid::int from pg_catalog.pg_type")
  asText = Object.fromEntries(types.rows.map(({ oid }) => [oid, (value) => value]))
  await db.exec(setup.roles)
  await db.exec(setup.portable)
  await fresh()
  await db.exec(setup.callers)
  await db.exec(setup.probe)
  const { rows } = await db.query("select n::text as id, who, note, role, claims from demo.caller order by n")
  await db.exec("drop schema demo cascade")
  const version = await db.query("select current_setting('server_version') as version")
  return { callers: rows, version: version.rows[0].version }
}

// What a text set for the session ends here.
async function fresh() {
  await db.exec("discard all")
  await db.exec("set search_path = public, extensions; set timezone = 'UTC'")
}

// The texts make all tables and policies anew, in one transaction.
async function apply(texts) {
  let name
  let transaction
  try {
    await db.exec("begin; select playground.clear(); set local role developer")
    transaction = await current()
    for (name of ["tables", "policies"]) {
      await db.exec(texts[name])
      if ((await current()) !== transaction) return ended(name)
    }
    name = undefined
    await db.exec("set constraints all immediate; commit")
    return {}
  } catch (error) {
    await db.exec("rollback")
    const { rows } = await db.query("select pg_catalog.pg_xact_status($1::text::xid8) as status", [transaction])
    return rows[0].status === "committed" ? ended(name) : { error: told(error), text: name }
  } finally {
    await fresh()
  }
}

const ended = (text) => ({ error: { message: "the text ends the transaction in which this page runs it", hint: "Leave out BEGIN, COMMIT and ROLLBACK." }, text, restart: true })

async function current() {
  return (await db.query("select pg_catalog.pg_current_xact_id_if_assigned()::text as id")).rows[0].id
}

async function matrix({ callers }) {
  try {
    const { rows } = await db.query("select caller, relation, command, said, rows::int, total::int, message from playground.matrix($1::text::jsonb)", [JSON.stringify(callers)])
    return { cells: rows }
  } catch (error) {
    return { error: told(error) }
  }
}

// One statement, in a transaction that is undone, as PostgREST would run it. Without a caller, as the owner of the tables.
async function query({ caller, sql }) {
  try {
    await db.exec("begin")
    if (caller) {
      await db.query("select pg_catalog.set_config('request.jwt.claims', $1, true), pg_catalog.set_config('role', $2, true)", [caller.claims, caller.role])
    }
    // workos_doctor() takes claims for those of the session if the statement begins at the same moment as the transaction. Clocks of browsers are coarse.
    for (const now = Date.now(); Date.now() === now; );
    const result = await db.query(sql, [], { rowMode: "array", parsers: asText })
    return {
      columns: result.fields.map((field) => field.name),
      rows: result.rows.slice(0, MOST_ROWS).map((row) => row.map((value) => (value === null ? null : String(value).slice(0, MOST_CHARACTERS)))),
      count: result.rows.length,
      changed: result.affectedRows ?? 0,
    }
  } catch (error) {
    return { error: told(error) }
  } finally {
    await db.exec("rollback")
    await fresh()
  }
}

function told(error) {
  const { message, code, detail, hint, position } = error
  return { message: String(message), code, detail, hint, position: Number(position) || undefined }
}

const commands = { start, apply, matrix, query }

self.onmessage = async ({ data: { id, command, input } }) => {
  try {
    self.postMessage({ id, output: await commands[command](input) })
  } catch (error) {
    self.postMessage({ id, output: { error: told(error), restart: true } })
  }
}
