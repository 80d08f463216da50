import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

// The driver evaluates it outside of the page's content security policy.
const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8")

export async function accessible(page, about) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document))
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`), [], `axe-core: ${about}`)
}
