// Builds the playground into a folder: node build.mjs FOLDER SOURCE, where SOURCE is the root of this repository
import { createHash } from "node:crypto"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import * as esbuild from "esbuild"

const here = dirname(fileURLToPath(import.meta.url))
const [target, source] = process.argv.slice(2)
const pglite = join(dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite"))))
const read = (path) => readFile(path, "utf8")

// The example, in the two texts that can be edited
const schema = await read(join(source, "examples/multi-tenant/schema.sql"))
const from = schema.indexOf("-- Organizations:")
if (from < 0 || /create policy/i.test(schema.slice(0, from)) || /create table/i.test(schema.slice(from))) throw new Error("schema.sql: its policies do not begin where they did")
const setup = {
  roles: await read(join(here, "roles.sql")),
  portable: await read(join(source, "sql/portable/pg_workos.sql")),
  callers: await read(join(source, "examples/multi-tenant/callers.sql")),
  probe: await read(join(here, "probe.sql")),
  tables: `${schema.slice(0, from).trim()}\n\n${(await read(join(source, "examples/multi-tenant/data.sql"))).trim()}\n`,
  policies: `${schema.slice(from).trim()}\n`,
}

const wasm = await readFile(join(pglite, "pglite.wasm"))
const version = wasm.toString("latin1").match(/PostgreSQL (\d+\.\d+)/)[1]
const large = {
  "postgres.wasm.gz": wasm,
  "initdb.wasm.gz": await readFile(join(pglite, "initdb.wasm")),
  "postgres.data.gz": await readFile(join(pglite, "pglite.data")),
  "setup.json.gz": JSON.stringify(setup),
}
for (const name in large) large[name] = gzipSync(large[name], { level: 9 })
const sizes = Object.fromEntries(Object.entries(large).map(([name, content]) => [name, content.length]))

// PGlite reads files only on Node.js; in the browser these modules are never reached.
const nothing = { name: "nothing", setup(build) {
  build.onResolve({ filter: /^(node:)?(fs|fs\/promises|path|url|crypto|module|worker_threads|child_process|os|vm|stream\/promises|ws|zlib|util)$/ }, (file) => ({ path: file.path, namespace: "nothing" }))
  build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "export default {}", loader: "js" }))
} }
const bundle = async (name, format) => (await esbuild.build({
  entryPoints: [join(here, name)], bundle: true, minify: true, write: false, format, target: "es2022", legalComments: "none", plugins: [nothing], logLevel: "error",
  define: { SIZES: JSON.stringify(sizes), "import.meta.url": "self.location.href" },
})).outputFiles[0].contents

const small = {
  "page.js": await bundle("page.js", "iife"),
  "worker.js": await bundle("worker.js", "iife"),
  "style.css": await bundle("style.css"),
}
const hash = createHash("sha256")
const html = await read(join(here, "index.html"))
for (const content of [html, await read(join(here, "sw.js")), ...Object.values(small), ...Object.values(large)]) hash.update(content)
const version_hash = hash.digest("hex").slice(0, 16)
const assets = `assets/${version_hash}`
const fill = (text, values) => text.replace(/%([A-Z]+)%/g, (_, name) => values[name])

await rm(target, { recursive: true, force: true })
await mkdir(join(target, assets), { recursive: true })
for (const [name, content] of Object.entries({ ...small, ...large })) await writeFile(join(target, assets, name), content)
await writeFile(join(target, "sw.js"), fill(await read(join(here, "sw.js")), { HASH: version_hash, FIRST: JSON.stringify(Object.keys(small).map((name) => `${assets}/${name}`)) }))
const megabytes = (Object.values(sizes).reduce((sum, size) => sum + size) + small["worker.js"].length) / 1e6
await writeFile(join(target, "index.html"), fill(html, { ASSETS: assets, POSTGRES: version, SIZE: megabytes.toFixed(1) }))
