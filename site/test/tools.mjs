// A file server, and a browser that notes what a page says and asks for.
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { extname, join } from "node:path"
import { chromium } from "playwright-core"

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" }

export async function serve(folder) {
  const sent = new Map()
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname)
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path)
    const content = await readFile(file).catch(() => undefined)
    response.writeHead(content ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" })
    response.end(content)
    if (content) sent.set(path, (sent.get(path) ?? 0) + content.length)
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { address: `http://127.0.0.1:${server.address().port}`, sent, close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }) }
}

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] })
}

// A page of a fresh profile. `said` holds what went wrong in it: errors of the console, exceptions, requests to elsewhere.
export async function open(browser, address, { path = "/playground/", width = 1440, height = 1000, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...options })
  const page = await context.newPage()
  const said = []
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) said.push(`${message.type()}: ${message.text()}`) })
  page.on("pageerror", (error) => said.push(`exception: ${error.message}`))
  page.on("dialog", (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
  context.on("request", (request) => { if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(`${address}/`)) said.push(`request: ${request.url()}`) })
  await page.goto(`${address}${path}`)
  return { context, page, said }
}

export const settled = (page) => page.waitForFunction(() => document.documentElement.dataset.state === "ready", undefined, { timeout: 120_000 })

export async function start(page) {
  await page.getByRole("button", { name: /^Start Postgres/ }).click()
  await settled(page)
}
