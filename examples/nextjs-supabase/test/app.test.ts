// The application in a real browser, against the stand-ins.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { after, before, beforeEach, describe, test } from "node:test"
import { promisify } from "node:util"
import { createClient } from "@supabase/supabase-js"
import type { Browser, Page } from "playwright-core"
import { launchBrowser } from "./browser.ts"
import { PUBLISHABLE_KEY, SECRET_KEY, startStack } from "./stack.ts"

const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8")
const wide = { width: 1440, height: 900 }
const narrow = { width: 360, height: 740 }

let stack: Awaited<ReturnType<typeof startStack>>
let browser: Browser
let page: Page

before(async () => {
  stack = await startStack()
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await stack?.close()
})

// A browser without cookies, which fails the test when a page reports an error or asks another host.
beforeEach(async (t) => {
  const context = await browser.newContext({ viewport: wide })
  context.setDefaultTimeout(20_000)
  page = await context.newPage()
  const problems: string[] = []
  page.on("pageerror", (error) => problems.push(String(error)))
  page.on("console", (m) => m.type() === "error" && !/status of 40[0-9]/.test(m.text()) && problems.push(m.text()))
  page.on("request", (r) => /^http:\/\/(localhost|127\.0\.0\.1):/.test(r.url()) || problems.push(`asks ${r.url()}`))
  ;(t as { after(f: () => Promise<void>): void }).after(async () => {
    await context.close()
    assert.deepEqual(problems, [])
  })
})

async function signIn(name: string) {
  await page.goto(stack.app)
  await page.getByRole("link", { name: "Sign in" }).click()
  await page.getByRole("link", { name }).click()
  await page.getByRole("button", { name: "Sign out" }).waitFor()
}

/** The documents that the page lists under a heading. */
const titles = (heading: string) =>
  page.getByRole("region", { name: heading }).getByRole("listitem").getByRole("link").allTextContents()

const OURS = "Documents of your organization"
const OTHERS = "Shared by other organizations"
const status = () => page.getByRole("status").first()

async function create(title: string) {
  await page.getByLabel("New document").fill(title)
  await page.getByRole("button", { name: "Create" }).click()
}

async function switchTo(name: string) {
  await page.getByLabel("Organization", { exact: true }).selectOption(name)
  await page.getByRole("button", { name: "Switch" }).click()
}

/** Screenshots, if SCREENSHOTS names a folder; and what axe finds wrong for people with a disability. */
async function looksRight(name: string) {
  await page.evaluate(axe)
  for (const [size, colorScheme] of [
    [wide, "light"],
    [narrow, "dark"],
    [narrow, "light"],
  ] as const) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    if (process.env.SCREENSHOTS) {
      await page.screenshot({
        path: `${process.env.SCREENSHOTS}/${name}-${size.width}-${colorScheme}.png`,
        fullPage: true,
      })
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    assert.ok(overflow <= 0, `${name} is ${overflow} pixels wider than ${size.width}`)
    // biome-ignore lint/suspicious/noExplicitAny: the script above defines it
    const { violations } = await page.evaluate(() => (window as any).axe.run())
    assert.deepEqual(
      violations.map((v: { id: string; nodes: { html: string }[] }) => [v.id, ...v.nodes.map((n) => n.html)]),
      [],
      `${name}, ${size.width} pixels wide, ${colorScheme}`,
    )
  }
  await page.setViewportSize(wide)
}

describe("a visitor", () => {
  test("sees what is public, of every organization, and nothing else", async () => {
    await page.goto(stack.app)
    assert.deepEqual(await titles("Public documents"), ["Weather forecast", "Anvil press kit"])
    await looksRight("visitor")
  })

  test("opens a public document, and cannot tell a private one from none", async () => {
    await page.goto(`${stack.app}/documents/2`)
    await page.getByRole("heading", { name: "Anvil press kit" }).waitFor()
    await looksRight("document")
    for (const id of ["1", "999", "x"]) {
      await page.goto(`${stack.app}/documents/${id}`)
      await page.getByRole("heading", { name: "Not found" }).waitFor()
      assert.doesNotMatch(await page.content(), /Anvil roadmap/)
    }
    await looksRight("not-found")
  })

  test("is sent to the sign-in by a page for members, and back to it", async () => {
    await page.goto(`${stack.app}/members`)
    await page.getByRole("link", { name: "Vic Viewer" }).click()
    await page.getByRole("heading", { name: "Members" }).waitFor()
  })
})

describe("signed in", () => {
  test("a member sees the documents of the organization, and what others share", async () => {
    await signIn("Vic Viewer")
    assert.deepEqual(await titles(OURS), ["Anvil press kit", "Anvil roadmap"])
    assert.deepEqual(await titles(OTHERS), ["Weather forecast"])
    assert.equal(await page.getByText("Your role here").textContent(), "Your role here: viewer")
  })

  test("the database knows who it is", async () => {
    await signIn("Ada Admin")
    await page.goto(`${stack.app}/first-query`)
    assert.deepEqual(JSON.parse((await page.locator("pre").first().textContent()) ?? ""), {
      user: "user_01ADA",
      organization: "org_01ACME",
      role: "admin",
      permissions: ["documents:write"],
      token: "session",
      postgres_role: "authenticated",
    })
    const shown = JSON.parse((await page.locator("pre").last().textContent()) ?? "") as { title: string }[]
    assert.ok(shown.some((d) => d.title === "Anvil roadmap"))
    assert.ok(!shown.some((d) => d.title === "Storm plan"))
    await looksRight("first-query")
  })

  test("another organization after a switch, on the server and in the browser", async () => {
    await signIn("Ada Admin")
    await create("Written at Acme")
    await status().filter({ hasText: "Created “Written at Acme”." }).waitFor()
    await page.getByRole("link", { name: "Written at Acme" }).waitFor()
    assert.deepEqual(await titles(OURS), ["Written at Acme", "Anvil press kit", "Anvil roadmap"])
    await looksRight("documents")

    await switchTo("Globex")
    await page.getByRole("link", { name: "Storm plan" }).waitFor()
    assert.deepEqual(await titles(OURS), ["Weather forecast", "Storm plan"])
    assert.deepEqual(await titles(OTHERS), ["Anvil press kit"])
    // The token that the browser kept is of Acme. The new document must not land there.
    await create("Written at Globex")
    await page.getByRole("link", { name: "Written at Globex" }).waitFor()
    assert.deepEqual(await titles(OURS), ["Written at Globex", "Weather forecast", "Storm plan"])

    await switchTo("Acme")
    await page.getByRole("link", { name: "Anvil roadmap" }).waitFor()
    assert.deepEqual(await titles(OURS), ["Written at Acme", "Anvil press kit", "Anvil roadmap"])
  })

  test("a switch in another tab", async () => {
    await signIn("Ada Admin")
    await create("First tab")
    await status().filter({ hasText: "Created" }).waitFor()
    const first = page
    page = await first.context().newPage()
    await page.goto(stack.app)
    await switchTo("Globex")
    await page.getByRole("link", { name: "Storm plan" }).waitFor()
    // The first tab still shows Acme, and still has a token of Acme.
    page = first
    await create("First tab again")
    await status().filter({ hasText: "again" }).waitFor()
    assert.ok(!(await titles(OURS)).includes("First tab again"), "the page is of Globex now")
    await page.goto(stack.app)
    await switchTo("Acme")
    await page.getByRole("link", { name: "First tab again" }).waitFor()
  })

  test("sharing a document shows it to everybody, and back", async () => {
    await signIn("Ada Admin")
    const share = (label: string) => page.getByRole("button", { name: `${label}: Anvil roadmap` })
    await share("Share publicly").click()
    await share("Stop sharing").waitFor()
    const visitor = await browser.newPage()
    await visitor.goto(stack.app)
    assert.equal(await visitor.getByRole("link", { name: "Anvil roadmap" }).count(), 1)
    await share("Stop sharing").click()
    await share("Share publicly").waitFor()
    await visitor.goto(stack.app)
    assert.equal(await visitor.getByRole("link", { name: "Anvil roadmap" }).count(), 0)
    await visitor.close()
  })

  test("a viewer may not create or share, and reads why", async () => {
    await signIn("Vic Viewer")
    await create("Not allowed")
    await status().filter({ hasText: "Your role in this organization may not create documents." }).waitFor()
    assert.equal(await page.getByLabel("New document").inputValue(), "Not allowed")
    await page.getByRole("button", { name: "Share publicly: Anvil roadmap" }).click()
    await page.getByText("Your role in this organization may not share documents.").waitFor()
    await looksRight("refused")
    await page.reload()
    assert.ok(!(await titles(OURS)).includes("Not allowed"))
    assert.equal(await page.getByRole("button", { name: "Share publicly: Anvil roadmap" }).count(), 1)
  })

  test("members of the own organization only", async () => {
    await signIn("Greta Editor")
    await page.getByRole("link", { name: "Members" }).click()
    await page.getByRole("heading", { name: "Members" }).waitFor()
    assert.deepEqual(await page.getByRole("row").allTextContents(), [
      "NameRole",
      "Ada Admineditor",
      "Greta Editoreditor",
    ])
    await looksRight("members")
  })

  test("without an organization: what is public", async () => {
    await signIn("Nora Nobody")
    await page.getByText("not in an organization").waitFor()
    assert.ok((await titles("Public documents")).includes("Weather forecast"))
    assert.ok(!(await titles("Public documents")).includes("Storm plan"))
    assert.equal(await page.getByLabel("New document").count(), 0)
    await looksRight("no-organization")
  })

  test("with the keyboard alone: create, share, switch, sign out", async () => {
    await signIn("Ada Admin")
    const tabTo = async (what: string, backwards = false) => {
      for (let tabs = 0; tabs < 30; tabs++) {
        await page.keyboard.press(backwards ? "Shift+Tab" : "Tab")
        const focused = page.locator(":focus-visible")
        if ((await focused.count()) === 0) continue
        assert.equal(await focused.evaluate((e) => getComputedStyle(e).outlineStyle), "solid", "the focus is seen")
        const name = await focused.evaluate(
          (e) => e.getAttribute("aria-label") ?? (e as HTMLInputElement).labels?.[0]?.textContent ?? e.textContent,
        )
        if (name === what) return
      }
      assert.fail(`no ${what} within 30 tabs`)
    }
    await tabTo("New document")
    await page.keyboard.type("Typed")
    await tabTo("Create")
    await page.keyboard.press("Enter")
    await status().filter({ hasText: "Created “Typed”." }).waitFor()
    assert.equal(await page.locator(":focus").textContent(), "Create", "the focus stays on the button")
    await tabTo("Share publicly: Typed")
    await page.keyboard.press("Space")
    await page.getByRole("button", { name: "Stop sharing: Typed" }).waitFor()
    assert.equal(await page.locator(":focus").textContent(), "Stop sharing", "and here")
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/keyboard.png` })
    await tabTo("Organization", true)
    await page.keyboard.type("Globex")
    await tabTo("Switch")
    await page.keyboard.press("Enter")
    await page.getByRole("link", { name: "Storm plan" }).waitFor()
    await tabTo("Sign out")
    await page.keyboard.press("Enter")
    await page.getByRole("link", { name: "Sign in" }).waitFor()
  })

  test("signing out ends it", async () => {
    await signIn("Ada Admin")
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("link", { name: "Sign in" }).waitFor()
    assert.equal(await page.getByRole("link", { name: "Anvil roadmap" }).count(), 0)
  })
})

describe("tokens", () => {
  const client = (token: string | null, key = PUBLISHABLE_KEY) =>
    createClient(stack.gateway.url, key, { accessToken: async () => token })
  const as = (token: string | null, key?: string) => client(token, key).from("documents").select("title").eq("id", 1)

  test("a good one is accepted", async () => {
    const { data } = await as(await stack.workos.token("user_01ADA", "org_01ACME"))
    assert.deepEqual(data, [{ title: "Anvil roadmap" }])
  })

  test("none is a visitor", async () => {
    assert.deepEqual((await as(null)).data, [])
    const { user, postgres_role } = (await client(null).rpc("whoami")).data
    assert.deepEqual([user, postgres_role], [null, "anon"])
  })

  test("an expired one is refused", async () => {
    const exp = Math.floor(Date.now() / 1000) - 120
    const { status, error } = await as(await stack.workos.token("user_01ADA", "org_01ACME", { exp }))
    assert.deepEqual([status, error?.message], [401, "JWT expired"])
  })

  test("one that was changed is refused", async () => {
    const [header, payload = "", signature] = (await stack.workos.token("user_01ADA", "org_01GLOBEX")).split(".")
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString())
    const changed = Buffer.from(JSON.stringify({ ...claims, org_id: "org_01ACME" })).toString("base64url")
    const { status, data, error } = await as(`${header}.${changed}.${signature}`)
    assert.deepEqual([status, data, error?.code], [401, null, "PGRST301"])
  })

  test("one that nobody signed is refused", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    const claims = { sub: "user_01ADA", sid: "session_01", org_id: "org_01ACME", role: "authenticated" }
    const { status, data } = await as(`${part({ alg: "none" })}.${part(claims)}.`)
    assert.deepEqual([status, data], [401, null])
  })

  test("without the JWT template there is no Postgres role, and nothing private", async () => {
    const token = await stack.workos.token("user_01ADA", "org_01ACME", { role: undefined })
    assert.deepEqual((await as(token)).data, [])
    const { user, postgres_role } = (await client(token).rpc("whoami")).data
    assert.deepEqual([user, postgres_role], ["user_01ADA", "anon"])
  })

  test("one whose role is the role of WorkOS is refused", async () => {
    const { status, error } = await as(await stack.workos.token("user_01ADA", "org_01ACME", { role: "member" }))
    assert.equal(status >= 400, true)
    assert.match(error?.message ?? "", /role "member" does not exist/)
  })

  test("a wrong API key is refused", async () => {
    assert.equal((await as(await stack.workos.token("user_01ADA", "org_01ACME"), "sb_publishable_other")).status, 401)
  })
})

test("a job with the secret key names the organization", async () => {
  const job = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["jobs/welcome.ts", ...args], {
      env: { ...process.env, NEXT_PUBLIC_SUPABASE_URL: stack.gateway.url, SUPABASE_SECRET_KEY: SECRET_KEY },
    })
  await job("org_01GLOBEX")
  await signIn("Greta Editor")
  assert.ok((await titles(OURS)).includes("Welcome"))
  const { error } = await createClient(stack.gateway.url, SECRET_KEY).from("documents").insert({ title: "Whose?" })
  assert.match(error?.message ?? "", /null value in column "org_id"/)
})

test("the application printed no token and no error", () => {
  assert.deepEqual(stack.said().match(/.*(eyJ|[Ee]rror|Failed).*/g), null)
})
