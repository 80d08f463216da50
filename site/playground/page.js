// The page: what it shows is text of Postgres and of the user, so everything is written with textContent.
import { Postgres } from "./postgres.js"
import { decode, moved, pack, unpack } from "./state.js"

const COMMANDS = ["select", "insert", "update", "delete"]
const PERMISSIONS = ["documents:read", "documents:write", "documents:delete", "projects:manage", "organization:manage"]
const QUERY = "select * from documents order by id"
const MATRIX = 30_000

const $ = (id) => document.getElementById(id)
const assets = document.querySelector("script[data-assets]").dataset.assets
// Only scripts of this page may run, so only their addresses become such.
const scripts = { [`${assets}/worker.js`]: true, "sw.js": true }
const check = (address) => {
  if (!scripts[address]) throw new TypeError("no script of this page")
  return address
}
const policy = self.trustedTypes?.createPolicy("playground", { createScriptURL: check })
const trusted = (address) => (policy ? policy.createScriptURL(address) : check(address))

const postgres = new Postgres(assets, trusted)
let setup
let original // the callers of the example
let state // what Postgres has: tables, policies, query, caller, callers
let cells = new Map() // the matrix as it is shown
let tab = "rows"

const make = (name, text, properties = {}) => Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text }, properties)
const say = (text) => { $("status").textContent = text }

// The service worker keeps the files. Without one, as on a plain http: address, the page works all the same, but not offline.
const workers = navigator.serviceWorker
const controlled = workers && new Promise((resolve) => {
  if (workers.controller) return resolve()
  workers.addEventListener("controllerchange", resolve, { once: true })
  workers.register(trusted("sw.js")).catch(resolve)
})

// One thing after the other
let last = Promise.resolve()
function alone(work) {
  document.documentElement.dataset.state = "busy"
  const mine = last.then(work).catch((error) => complain($("trouble"), { message: String(error?.message ?? error) }))
  last = mine
  mine.then(() => { if (last === mine) document.documentElement.dataset.state = state ? "ready" : "idle" })
  return mine
}

function complain(element, error, text) {
  element.hidden = !error
  if (!error) return element.replaceChildren()
  const lines = [`${error.code ? `${error.code}: ` : ""}${error.message}`]
  if (error.detail) lines.push(error.detail)
  if (error.hint) lines.push(`Hint: ${error.hint}`)
  if (error.position && text) {
    const line = Array.from(text).slice(0, error.position - 1).filter((character) => character === "\n").length
    lines.push(`Line ${line + 1}: ${text.split("\n")[line].trim()}`)
  }
  element.textContent = lines.join("\n")
}

// The link, if the page was opened with one
async function linked() {
  const fragment = location.hash.match(/^#state=(.*)$/)
  if (!fragment) return undefined
  try {
    const { tables, policies, query, caller, callers, at } = await unpack(fragment[1])
    const seconds = Math.round(Date.now() / 1000 - at)
    return { tables, policies, query, caller, callers: callers.map((one) => ({ ...one, claims: moved(one.claims, seconds) })) }
  } catch (error) {
    complain($("trouble"), { message: `The link cannot be read: ${error.message}. The page shows the example instead.` })
    return undefined
  }
}

const example = () => ({ tables: setup.tables, policies: setup.policies, query: QUERY, caller: "3", callers: original.map((one) => ({ ...one })) })
const chosen = (of = state) => of.callers.find((one) => one.id === of.caller) ?? of.callers[0]

async function begin() {
  $("start").disabled = true
  $("progress").hidden = false
  say("Loading …")
  const began = performance.now()
  try {
    await Promise.race([controlled, new Promise((resolve) => setTimeout(resolve, 3000))])
    setup ??= await postgres.load(SIZES, (part) => { $("progress").value = Math.round(part * 100) })
    say("Postgres starts …")
    const { callers, error } = await postgres.start()
    if (error) throw new Error(error.message)
    original = callers
    const wanted = await linked()
    $("tool").hidden = false
    $("starter").hidden = true
    const fine = wanted && await attempt(wanted)
    if (!fine) {
      await attempt(example())
      if (wanted) {
        $("policies").value = wanted.policies
        $("tables").value = wanted.tables
        complain($("trouble"), { message: "The SQL of the link does not run, so the table shows the example. The editor holds the SQL of the link: press Apply to see the error." })
      }
    }
    say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} seconds.${workers?.controller ? " The page works without a network now." : ""}`)
  } catch (error) {
    $("start").disabled = false
    $("progress").hidden = true
    say("Postgres has not been started.")
    throw error
  }
}

async function restart(kept) {
  say("Postgres starts again …")
  const { error } = await postgres.start()
  if (error) throw new Error(error.message)
  if (kept) await postgres.ask("apply", kept)
}

// Makes `wanted` the state, if Postgres accepts it. `tables` and `policies` run only if they differ.
async function attempt(wanted) {
  const sql = !state || state.tables !== wanted.tables || state.policies !== wanted.policies
  complain($("apply-error"))
  if (sql) {
    const said = await postgres.ask("apply", wanted)
    if (said.error) {
      complain($("apply-error"), { ...said.error, message: `${said.text ? `${said.text}: ` : ""}${said.error.message}` }, said.text && wanted[said.text])
      if (said.restart) await restart(state)
      return false
    }
  }
  const said = await postgres.ask("matrix", { callers: wanted.callers.map(({ id, role, claims }) => ({ id, role, claims })) }, MATRIX)
  if (said.error) {
    complain($("apply-error"), said.error)
    if (said.restart) await restart(state)
    else if (sql && state) await postgres.ask("apply", state)
    return false
  }
  const before = state
  state = wanted
  showEditors(before)
  showMatrix(said.cells, before !== undefined)
  await showFunctions()
  await showPanel()
  return true
}

function showEditors(before) {
  for (const name of ["tables", "policies", "query"]) if (!before || before[name] !== state[name]) $(name).value = state[name]
  const list = $("caller")
  list.replaceChildren(...state.callers.map((one) => make("option", one.who, { value: one.id, selected: one.id === chosen().id })))
  showCaller()
}

function readClaims() {
  try {
    const read = JSON.parse(chosen().claims)
    return read !== null && typeof read === "object" && !Array.isArray(read) ? read : undefined
  } catch {
    return undefined
  }
}

function showCaller() {
  const one = chosen()
  const read = readClaims()
  $("note").textContent = `Postgres role ${one.role}: ${one.note}`
  $("claims").value = read ? JSON.stringify(read, null, 2) : one.claims
  const held = Array.isArray(read?.permissions) ? read.permissions.filter((name) => typeof name === "string") : []
  const asked = Array.from(state.policies.matchAll(/workos_(?:org_with|has)_permission\('([^']*)'\)/g), (match) => match[1])
  const names = [...new Set([...PERMISSIONS, ...asked, ...held])].slice(0, 30)
  $("permissions").disabled = !read
  const focused = document.activeElement?.name
  $("permissions").lastElementChild.replaceChildren(...names.map((name) => {
    const label = make("label")
    const box = make("input", undefined, { type: "checkbox", name, checked: held.includes(name) })
    box.addEventListener("change", () => alone(() => togglePermission(name, box.checked)))
    label.append(box, make("code", name))
    return label
  }))
  if (focused) Array.from($("permissions").querySelectorAll("input")).find((box) => box.name === focused)?.focus()
  for (const row of $("matrix").tBodies[0].rows) row.classList.toggle("chosen", row.dataset.caller === one.id)
}

function showMatrix(now, marks) {
  const key = (cell) => JSON.stringify([cell.caller, cell.relation, cell.command])
  const next = new Map(now.map((cell) => [key(cell), cell]))
  const tables = [...new Set(now.map((cell) => cell.relation))]
  const changes = []
  const corner = make("th", "Caller", { scope: "col", rowSpan: 2 })
  const [above, below] = [make("tr"), make("tr")]
  above.append(corner, ...tables.map((name) => make("th", name, { scope: "colgroup", colSpan: 4 })))
  below.append(...tables.flatMap(() => COMMANDS.map((name) => make("th", name, { scope: "col" }))))
  $("matrix").tHead.replaceChildren(above, below)
  $("matrix").tBodies[0].replaceChildren(...state.callers.map((one) => {
    const row = make("tr")
    row.dataset.caller = one.id
    const head = make("th", undefined, { scope: "row" })
    const button = make("button", one.who, { type: "button" })
    button.addEventListener("click", () => alone(() => choose(one.id)))
    head.append(button)
    row.append(head, ...tables.flatMap((relation) => COMMANDS.map((command) => {
      const name = key({ caller: one.id, relation, command })
      const cell = next.get(name)
      const before = cells.get(name)
      const data = make("td", undefined, { title: cell.message ?? "" })
      if (marks && before && brief(before) !== brief(cell)) {
        changes.push(`${one.who}: ${command} on ${relation}: ${brief(before)} → ${brief(cell)}`)
        data.className = "changed"
        data.append(make("span", "before ", { className: "away" }), make("s", brief(before)), make("span", "now ", { className: "away" }))
      }
      data.append(brief(cell))
      if (cell.said !== "constraint" && !cell.rows) data.classList.add("none")
      return data
    })))
    return row
  }))
  if (marks) {
    const list = changes.length > 0 ? changes : ["Nothing changed."]
    $("changes").replaceChildren(...list.slice(0, 60).map((text) => make("li", text)), ...(list.length > 60 ? [make("li", `and ${list.length - 60} more`)] : []))
  } else {
    $("changes").replaceChildren(make("li", "Nothing yet."))
  }
  cells = next
  const at = $("explain-table").value
  $("explain-table").replaceChildren(...tables.map((name) => make("option", name, { value: name, selected: name === (tables.includes(at) ? at : "documents") })))
  showCaller()
}

function brief(cell) {
  switch (cell.said) {
    case "rows": return `${cell.rows}/${cell.total}`
    case "no grant": return "·"
    case "constraint": return "(fk)"
    case "no sample": return "–"
    default: return cell.said
  }
}

// The getters, and the calls with constant arguments in the policies
async function showFunctions() {
  const getters = ["workos_token_kind()", "workos_user_id()", "workos_org_id()", "workos_user_role()", "workos_permissions()"]
  const found = state.policies.match(/\bworkos_(?:org_with|has|is|authenticated|application|impersonator|delegated)\w*\((?:\s*'[^'()]*'\s*(?:,\s*'[^'()]*'\s*)*)?\)/g) ?? []
  const calls = [...new Set([...getters, ...found])].slice(0, 24)
  const said = await postgres.ask("query", { caller: chosen(), sql: `select ${calls.map((call) => `(${call})::text`).join(", ")}` })
  const body = $("functions").tBodies[0]
  if (said.error) {
    const row = make("tr")
    row.append(make("td", `${said.error.code ?? ""} ${said.error.message}${said.error.hint ? `\nHint: ${said.error.hint}` : ""}`))
    body.replaceChildren(row)
    if (said.restart) await restart(state)
    return
  }
  body.replaceChildren(...calls.map((call, n) => {
    const row = make("tr")
    row.append(make("th", call, { scope: "row" }), value(said.rows[0][n]))
    return row
  }))
}

const value = (text) => (text === null ? make("td", "NULL", { className: "null" }) : make("td", text))

const NOTES = {
  rows: "The rows that Postgres returns to this caller.",
  plan: "EXPLAIN of the query. The plan shows the bodies of the functions of the portable edition; the extension shows their names.",
  explain: "Which policies apply to this caller, and which part lets nothing through.",
  doctor: "What pg_workos finds in the claims of this caller.",
  lint: "What pg_workos finds in the policies, run as the owner of the database.",
}
const quoted = (text) => `'${text.replaceAll("'", "''")}'`

async function showPanel() {
  const sql = {
    rows: state.query,
    plan: `explain (costs off) ${state.query}`,
    explain: `select * from extensions.workos_explain(${quoted($("explain-table").value)}, ${quoted($("explain-command").value)})`,
    doctor: "select * from extensions.workos_doctor()",
    lint: "select * from extensions.workos_lint()",
  }[tab]
  $("explain-of").hidden = tab !== "explain"
  $("panel-note").textContent = NOTES[tab]
  const said = await postgres.ask("query", { caller: tab === "lint" ? undefined : chosen(), sql })
  const shift = tab === "plan" ? "explain (costs off) ".length : 0
  const [head, body] = [$("result").tHead, $("result").tBodies[0]]
  head.replaceChildren()
  body.replaceChildren()
  complain($("panel-error"), said.error && { ...said.error, position: said.error.position && said.error.position - shift }, tab === "rows" || tab === "plan" ? state.query : undefined)
  if (said.restart) await restart(state)
  if (said.error) return false
  if (said.columns.length > 0) {
    const row = make("tr")
    row.append(...said.columns.map((name) => make("th", name, { scope: "col" })))
    head.append(row)
    body.append(...said.rows.map((one) => {
      const line = make("tr")
      line.append(...one.map(value))
      return line
    }))
  }
  const count = said.columns.length > 0 ? said.count : said.changed
  const counted = `${count} ${count === 1 ? "row" : "rows"}${said.count > said.rows.length ? `, the first ${said.rows.length} are shown` : ""}.`
  $("panel-note").textContent = `${NOTES[tab]} ${counted}`
  return true
}

async function choose(id) {
  state = { ...state, caller: id }
  $("caller").value = id
  showCaller()
  await showFunctions()
  await showPanel()
  say(`Caller: ${chosen().who}`)
}

async function changeClaims(claims) {
  const done = await attempt({ ...state, callers: state.callers.map((one) => (one.id === chosen().id ? { ...one, claims } : one)) })
  if (done) say("The claims were changed.")
}

async function togglePermission(name, on) {
  const read = readClaims()
  const held = Array.isArray(read.permissions) ? read.permissions.filter((one) => one !== name) : []
  await changeClaims(JSON.stringify({ ...read, permissions: on ? [...held, name] : held }))
}

$("start").addEventListener("click", () => alone(begin))
$("caller").addEventListener("change", () => alone(() => choose($("caller").value)))
$("apply-claims").addEventListener("click", () => alone(() => changeClaims($("claims").value)))
$("reset-claims").addEventListener("click", () => alone(async () => {
  const was = original.find((one) => one.id === chosen().id)
  if (was) await changeClaims(was.claims)
  else say("This caller has no claims of the example.")
}))
$("decode").addEventListener("click", () => alone(async () => {
  const box = $("decoded")
  let read
  try {
    read = decode($("token").value)
  } catch (error) {
    box.replaceChildren(make("p", error.message, { className: "error" }))
    return
  }
  $("token").value = ""
  const one = { id: "token", who: "The token that you pasted", note: "its claims, as a gateway would hand them on", role: read.role, claims: read.payload }
  const callers = [...state.callers.filter(({ id }) => id !== "token"), one]
  box.replaceChildren(...read.words.map((text) => make("p", text)), make("p", "Header:"), make("pre", read.header), make("p", "Claims:"), make("pre", read.payload))
  if (await attempt({ ...state, caller: "token", callers })) say("The token was decoded, and is a caller now.")
}))

const applyTexts = () => alone(async () => {
  const before = performance.now()
  const done = await attempt({ ...state, tables: $("tables").value, policies: $("policies").value })
  say(done ? `Applied in ${Math.round(performance.now() - before)} ms.` : "Not applied. The tables and policies are as they were.")
})
const run = () => alone(async () => {
  state = { ...state, query: $("query").value.trim().replace(/;$/, "") }
  if (tab !== "rows" && tab !== "plan") select("rows")
  say((await showPanel()) ? "The query has run." : "The query failed.")
})
$("apply").addEventListener("click", applyTexts)
$("run").addEventListener("click", run)
for (const [id, work] of [["policies", applyTexts], ["tables", applyTexts], ["query", run], ["claims", () => alone(() => changeClaims($("claims").value))]]) {
  $(id).addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      work()
    }
  })
}

$("reset").addEventListener("click", () => alone(async () => {
  history.replaceState(null, "", location.pathname)
  for (const id of ["trouble", "apply-error", "panel-error"]) complain($(id))
  $("link-box").hidden = true
  $("decoded").replaceChildren()
  $("token").value = ""
  state = undefined
  await restart()
  select("rows")
  await attempt(example())
  say("Everything is as it was at the start.")
}))

$("link").addEventListener("click", () => alone(async () => {
  const packed = await pack({ ...state, at: Math.round(Date.now() / 1000) })
  const address = `${location.origin}${location.pathname}#state=${packed}`
  history.replaceState(null, "", address)
  $("link-box").hidden = false
  $("link-text").value = address
  $("link-text").select()
  say("The link is in the field and in the address of this page.")
}))

function select(name) {
  tab = name
  for (const one of document.querySelectorAll("[role=tab]")) {
    const mine = one.id === `tab-${name}`
    one.setAttribute("aria-selected", String(mine))
    one.tabIndex = mine ? 0 : -1
  }
  $("panel").setAttribute("aria-labelledby", `tab-${name}`)
}
const tabs = Array.from(document.querySelectorAll("[role=tab]"))
for (const one of tabs) {
  one.addEventListener("click", () => { select(one.id.slice(4)); alone(showPanel) })
  one.addEventListener("keydown", (event) => {
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const next = event.key === "Home" ? tabs[0] : event.key === "End" ? tabs.at(-1) : to && tabs.at((tabs.indexOf(one) + to) % tabs.length)
    if (!next) return
    event.preventDefault()
    next.focus()
    next.click()
  })
}
for (const id of ["explain-table", "explain-command"]) $(id).addEventListener("change", () => alone(showPanel))

document.documentElement.dataset.state = "idle"
