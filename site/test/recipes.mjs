// The recipes of docs/how-to/policies.md, with rows of two organizations, and callers who make a difference to their policies.
import { readFileSync } from "node:fs"

const ROWS = {
  "Tenant isolation": "insert into notes (org_id, body) values ('org_01ACME', 'a'), ('org_01ACME', 'b'), ('org_01GLOBEX', 'g')",
  "Permissions": "insert into notes (org_id, body) values ('org_01ACME', 'a'), ('org_01ACME', 'b'), ('org_01GLOBEX', 'g')",
  "Roles": "insert into invoices (org_id, amount) values ('org_01ACME', 1), ('org_01ACME', 2), ('org_01GLOBEX', 3)",
  "Owner or admin": "insert into posts (org_id, author_id, body) values ('org_01ACME', 'user_01ANN', 'a'), ('org_01ACME', 'user_01BOB', 'b'), ('org_01GLOBEX', 'user_01GIL', 'g')",
  "Read-only under impersonation": "insert into notes (org_id, body) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g')",
  "Sign in again before a dangerous write": "insert into organizations values ('org_01ACME', 'Acme'), ('org_01GLOBEX', 'Globex')",
  "Entitlements and feature flags": "insert into audit_logs (org_id, event) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g')",
  "Machines by name": "insert into documents (org_id, title) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g')",
  "Public and private rows": "insert into articles (org_id, is_public, title) values ('org_01ACME', true, 'a'), ('org_01ACME', false, 'b'), ('org_01GLOBEX', true, 'g'), ('org_01GLOBEX', false, 'h')",
  "Parent and child without recursion": "insert into projects (org_id, name) values ('org_01ACME', 'a'), ('org_01ACME', 'b'), ('org_01GLOBEX', 'g'); insert into project_members values (1, 'org_01ACME', 'user_01ANN'), (3, 'org_01GLOBEX', 'user_01GIL')",
  "Share one document with another organization": "insert into documents (org_id, title) values ('org_01ACME', 'a'), ('org_01ACME', 'b'), ('org_01GLOBEX', 'g'); insert into document_shares values (1, 'org_01ACME', 'org_01GLOBEX')",
  "Stamp rows, and keep an audit trail": "alter table notes disable trigger stamp_note; insert into notes (org_id, created_by, body) values ('org_01ACME', 'user_01ANN', 'a'), ('org_01GLOBEX', 'user_01GIL', 'g'); alter table notes enable trigger stamp_note; insert into note_changes (org_id, note_id, action) values ('org_01ACME', 1, 'INSERT')",
  "Soft delete": "insert into notes (org_id, deleted_at, body) values ('org_01ACME', null, 'a'), ('org_01ACME', '2026-01-01', 'b'), ('org_01GLOBEX', null, 'g')",
  "Views": "insert into orders (org_id, amount) values ('org_01ACME', 1), ('org_01ACME', 2), ('org_01GLOBEX', 3)",
  "Functions that the API calls": "insert into orders (org_id, amount) values ('org_01ACME', 1), ('org_01GLOBEX', 3)",
  "Jobs without a user": "insert into imports (org_id, payload) values ('org_01ACME', '{}'), ('org_01GLOBEX', '{}')",
}

export function recipes(root) {
  const text = readFileSync(`${root}/docs/how-to/policies.md`, "utf8")
  return Object.entries(ROWS).map(([name, rows]) => {
    const section = text.split(`\n## ${name}\n`)[1]?.split("\n## ")[0]
    if (!section) throw new Error(`docs/how-to/policies.md has no recipe ${name}`)
    const sql = Array.from(section.matchAll(/^```sql\n([^]*?)^```$/gm), (match) => match[1]).join("\n")
    return { name, policies: `${sql}\n${rows};\n`, count: sql.match(/create policy/g).length }
  })
}

// The permissions are those that the recipes name. One of each recipe is in `some`.
export function callers(recipes) {
  const named = recipes.map(({ policies }) => Array.from(policies.matchAll(/permission\('([^']+)'\)/g), (match) => match[1]))
  const permissions = [...new Set(named.flat())]
  const some = [...new Set(named.map(([first]) => first).filter(Boolean))]
  const now = Math.floor(Date.now() / 1000)
  const ann = { sub: "user_01ANN", sid: "session_01", org_id: "org_01ACME", role: "authenticated" }
  const all = { permissions, user_role: "owner", auth_time: now, entitlements: ["audit-logs"], feature_flags: ["audit-log-viewer"] }
  const claims = {
    "with everything": { ...ann, ...all },
    "with some permissions": { ...ann, permissions: some },
    "with nothing": ann,
    "an accountant who signed in long ago": { ...ann, ...all, user_role: "accountant", auth_time: now - 86400, feature_flags: [] },
    "an owner who signed in long ago": { ...ann, ...all, auth_time: now - 86400 },
    "an impersonator": { ...ann, ...all, act: { sub: "support@example.com" } },
    "of another organization": { ...ann, ...all, sub: "user_01GIL", org_id: "org_01GLOBEX" },
    "expired": { ...ann, ...all, exp: now - 3600 },
    "the machine": { sub: "client_01INDEXER", org_id: "org_01ACME", role: "authenticated" },
    "another machine": { sub: "client_01OTHER", org_id: "org_01ACME", role: "authenticated" },
    "broken claims": "{",
  }
  return [...Object.entries(claims).map(([who, one], n) => ({ id: String(n + 1), who, note: "", role: "authenticated", claims: typeof one === "string" ? one : JSON.stringify(one) })),
    { id: "12", who: "a visitor", note: "", role: "anon", claims: "" }]
}
