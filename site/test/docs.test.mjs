// The pages of the documents in a real browser: search, light and dark, narrow and wide, links, and nothing from elsewhere.
import assert from "node:assert/strict"
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { after, before, test } from "node:test"
import { accessible } from "./axe.mjs"
import { launch, open, serve } from "./tools.mjs"

const { ROOT, SITE, PICTURES } = process.env
mkdirSync(PICTURES, { recursive: true })
let browser, server
before(async () => {
  browser = await launch()
  server = await serve(SITE)
})
after(async () => {
  await browser?.close()
  await server?.close()
})

const pages = readdirSync(SITE, { recursive: true }).filter((name) => name.endsWith(".html") && !name.startsWith("_static"))

test("every document is a page, and every link of every page leads to a file and a heading", () => {
  for (const name of readdirSync(join(ROOT, "docs"), { recursive: true }).filter((name) => name.endsWith(".md"))) {
    assert.ok(pages.includes(`docs/${name.replace(/md$/, "html")}`), name)
  }
  const ids = new Map()
  const idsOf = (file) => {
    if (!ids.has(file)) ids.set(file, new Set(Array.from(readFileSync(file, "utf8").matchAll(/ id="([^"]*)"/g), (match) => match[1])))
    return ids.get(file)
  }
  let count = 0
  for (const name of pages) {
    const file = join(SITE, name)
    for (const [, target] of readFileSync(file, "utf8").matchAll(/<(?:a|img|link|script|object)\b[^>]*? (?:href|src|data)="([^"]*)"/g)) {
      if (/^(https?:|mailto:|data:)/.test(target)) continue
      const [path, fragment] = decodeURI(target).split("#")
      let to = path === "" ? file : resolve(dirname(file), path.split("?")[0])
      if (to.endsWith("/playground")) to += "/index.html"
      assert.ok(existsSync(to), `${name}: ${target}`)
      if (fragment && to.endsWith(".html")) assert.ok(idsOf(to).has(fragment), `${name}: ${target}`)
      count++
    }
  }
  console.log(`# ${count} links of ${pages.length} pages`)
  assert.ok(count > 1000)
})

test("links between documents lead where they lead on GitHub", async () => {
  const { context, page, said } = await open(browser, server.address, { path: "/" })
  await page.locator("article").getByRole("link", { name: "Tutorial: hosted Supabase and Next.js" }).click()
  assert.match(page.url(), /docs\/tutorials\/hosted-supabase-nextjs\.html$/)
  await page.goto(`${server.address}/docs/how-to/testing-policies.html`)
  await page.locator("article").getByRole("link", { name: "the example" }).first().click()
  assert.match(page.url(), /examples\/multi-tenant\/schema\.sql\.html$/)
  assert.match(await page.locator("article").innerText(), /create table organizations/)
  await page.goto(`${server.address}/docs/README.html`)
  await page.locator("article").getByRole("link", { name: "Playground" }).click()
  assert.match(page.url(), /\/playground\//)
  assert.equal(await page.locator("h1").innerText(), "pg_workos playground")
  await page.getByRole("link", { name: "Documents" }).click()
  assert.match(await page.locator("h1").innerText(), /^pg_workos/)
  assert.deepEqual(said, [])
  await context.close()
})

test("the search finds a function, with the keyboard", async () => {
  const { context, page, said } = await open(browser, server.address, { path: "/docs/README.html" })
  await page.keyboard.press("/")
  await page.keyboard.type("workos_org_with_permission")
  await page.keyboard.press("Enter")
  await page.locator("#search-results li").first().waitFor()
  const found = await page.locator("#search-results li a").evaluateAll((links) => links.map((link) => link.getAttribute("href")))
  assert.ok(found.some((href) => href.includes("docs/reference/functions.html")), found.join("\n"))
  assert.deepEqual(said, [])
  await context.close()
})

test("the drawing has a title and a description that can be read aloud", async () => {
  const drawing = readFileSync(join(ROOT, "docs/request.svg"), "utf8")
  assert.match(drawing, /role="img" aria-labelledby="title desc"/)
  assert.match(drawing, /<title id="title">[^<]{10,}<\/title>\s*<desc id="desc">[^<]{100,}<\/desc>/)
  const { context, page } = await open(browser, server.address, { path: "/" })
  assert.match(await page.locator("article img").first().getAttribute("alt"), /access token.*gateway.*policy/s)
  assert.ok(await page.locator("article img").first().evaluate((image) => image.naturalWidth > 0))
  await context.close()
})

test("axe-core finds nothing, and no page is too wide, light and dark, at 360 and 1440 pixels; nothing comes from elsewhere", async () => {
  const { context, page, said } = await open(browser, server.address, { path: "/" })
  for (const path of ["/", "/docs/README.html", "/docs/how-to/policies.html", "/docs/explanation/security-model.html"]) {
    await page.goto(`${server.address}${path}`)
    for (const [colorScheme, width] of [["light", 360], ["dark", 1440]]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      assert.equal(back.match(/\d+/)[0] > 128, colorScheme === "light", `${path}: ${colorScheme} is ${back}`)
      await accessible(page, `${path} ${colorScheme} ${width}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= width, `${path}: ${wide} pixels wide`)
      await page.screenshot({ path: `${PICTURES}/docs${path.replace(/\W+/g, "-")}${colorScheme}-${width}.png` })
    }
  }
  assert.deepEqual(said, [])
  await context.close()
})
