// Carries out docs/tutorials/hosted-supabase-nextjs.md in an empty folder, as a reader would, and compares its code with
// the example's. The word after the language of a code block says what happens to it:
//   run       it is run, in bash
//   file=F    it is the file F of the example, or a part of it, in order; the parts are written into the new folder
//   excerpt=F it stands so in the file F of the example
//   settings  it is .env.example
//   shown     it is what the page shows
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { setTimeout } from "node:timers/promises"
import { promisify, stripVTControlCharacters } from "node:util"
import { launchBrowser } from "./browser.ts"
import { env, settings, startStack } from "./stack.ts"

const text = await readFile(env("TUTORIAL"), "utf8")
const matches = [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)^ *```$/gm)]
const blocks = matches.map(({ index, 0: whole, 1: indent = "", 2: info = "", 3: body = "" }, n) => {
  const [, use = "", path = ""] = info.match(/^\w* ?(\w*)=?(.*)$/) ?? []
  // What the reader should see, in the text up to the next block
  const [, promise] = text.slice(index + whole.length, matches[n + 1]?.index).match(/You should see: `(.*?)`/) ?? []
  return { use, path, promise, body: body.replaceAll(new RegExp(`^${indent}`, "gm"), "") }
})
const using = (use: string) => blocks.filter((b) => b.use === use)

/** Stands for the ids that a reader has, and for the project that is linked. */
const filled = (s: string) => s.replaceAll("org_01…", "org_01ACME").replaceAll("user_01…", "user_01ADA")
const linked = (s: string) => s.replaceAll("--remote", `--yes --remote='${env("TUTORIAL_REMOTE")}'`)

/** The whole file of the tutorial, from its parts. */
const files = Map.groupBy(using("file"), (b) => b.path)
const whole = (path: string) => (files.get(path) ?? []).map((b) => b.body).join("\n")
const ofExample = (path: string) =>
  readFile(path.replace("/migrations/documents.sql", "/migrations/20260102000000_documents.sql"), "utf8")

describe("the code of the tutorial is that of the example", () => {
  test("files", async () => {
    assert.ok(files.size > 0)
    for (const path of files.keys()) assert.equal(whole(path), await ofExample(path), path)
  })
  test("excerpts", async () => {
    assert.ok(using("excerpt").length > 0)
    for (const { path, body } of using("excerpt"))
      assert.ok((await ofExample(path)).includes(body), `${path}:\n${body}`)
  })
  test("settings", async () => {
    assert.deepEqual(
      [await ofExample(".env.example")],
      using("settings").map((b) => b.body),
    )
  })
  test("every other block is known not to be run", () => {
    assert.deepEqual(
      using("").map((b) => b.body.trim()),
      [
        '{ "role": "authenticated", "user_role": {{organization_membership.role}} }',
        "npx supabase login\nnpx supabase link",
        "npm run dev",
        "npx supabase start\nnpx supabase test db\nnpx supabase db lint --schema public --fail-on warning",
      ],
    )
  })
})

test("the tutorial, from an empty folder to the first protected query", async (t) => {
  const start = Date.now()
  const empty = await mkdtemp(join(tmpdir(), "tutorial."))
  after(() => rm(empty, { recursive: true, force: true }))
  const folder = join(empty, "my-app")

  // In the order of the page: a command may need a file that is above it.
  const written = new Set<string>()
  const promises: string[] = []
  for (const { use, path, body, promise } of blocks) {
    if (use === "file" && !written.has(path)) {
      written.add(path)
      await write(folder, path, whole(path))
    } else if (use === "run") {
      const cwd = body.includes("create-next-app") ? empty : folder
      if (body.includes("pg_workos.sql")) await copyFile(env("PG_WORKOS"), join(folder, "pg_workos.sql"))
      // The page says that two migrations cannot be made in the same second.
      if (body.includes("migration new")) await setTimeout(1100)
      const printed = await bash(linked(filled(body)), cwd)
      if (promise) {
        assert.ok(printed.includes(promise), `${body}prints ${promise}:\n${printed}`)
        promises.push(promise)
      }
      if (body.includes("migration new documents")) await seesTwoMigrations(folder)
    }
  }
  assert.deepEqual(promises, ["Success! Created my-app", "Finished supabase db push."])
  const env_local = Object.entries(settings()).map(([name, value]) => `${name}="${value}"\n`)
  await write(folder, ".env.local", env_local.join(""))
  await bash("npm run build", folder)

  const stack = await startStack({ folder, database: env("TUTORIAL_DATABASE_URL") })
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`${stack.app}/first-query`)
    await page.getByRole("link", { name: "Ada Admin" }).click()
    await page.getByRole("heading", { name: "First query" }).waitFor()
    const shown = await page.locator("pre").allTextContents()
    assert.deepEqual(
      shown.map((s) => JSON.parse(s)),
      using("shown").map((b) => JSON.parse(filled(b.body))),
    )
  } finally {
    await browser.close()
    await stack.close()
  }
  t.diagnostic(`the commands and the build took ${Math.round((Date.now() - start) / 1000)} seconds`)
})

/** "You should see: two files in `supabase/migrations`, of which the second is empty." */
async function seesTwoMigrations(folder: string) {
  const migrations = join(folder, "supabase/migrations")
  const names = (await readdir(migrations)).sort()
  assert.deepEqual(
    names.map((name) => name.replace(/^[0-9]+_/, "")),
    ["pg_workos.sql", "documents.sql"],
  )
  const [first = "", second = ""] = await Promise.all(names.map((name) => readFile(join(migrations, name), "utf8")))
  assert.equal(first, await readFile(env("PG_WORKOS"), "utf8"))
  assert.equal(second, "")
}

/** What it prints, without colours: where the variable CI is set, `create-next-app` prints them into pipes, too. */
async function bash(script: string, cwd: string): Promise<string> {
  try {
    // Without an input: `supabase migration new` would wait for it, which in a terminal it does not.
    const args = ["-euo", "pipefail", "-c", `exec </dev/null\n${script}`]
    const { stdout, stderr } = await promisify(execFile)("bash", args, { cwd, maxBuffer: 1e8 })
    return stripVTControlCharacters(stdout + stderr)
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`this step fails:\n${script}\n${stdout}${stderr}`)
  }
}

async function write(folder: string, path: string, content: string): Promise<void> {
  let file = join(folder, path)
  if (path === "supabase/migrations/documents.sql") {
    const made = (await readdir(dirname(file))).find((name) => name.endsWith("_documents.sql"))
    assert.ok(made, "the tutorial has made the migration")
    file = join(dirname(file), made)
    assert.equal(await readFile(file, "utf8"), "", "it is empty")
  }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
