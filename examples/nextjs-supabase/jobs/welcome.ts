// A job on your own server, with the secret key: it runs as service_role, to which no policy applies. There is no
// signed-in user, so workos_org_id() is NULL and a row has to say whose it is. Never ship the key to a browser.
//
//     node jobs/welcome.ts org_01…
import { createClient } from "@supabase/supabase-js"
import type { Database } from "../lib/supabase/database.types.ts"

const { NEXT_PUBLIC_SUPABASE_URL, SUPABASE_SECRET_KEY } = process.env
const [organizationId] = process.argv.slice(2)
if (!NEXT_PUBLIC_SUPABASE_URL || !SUPABASE_SECRET_KEY || !organizationId) {
  throw new Error("usage: NEXT_PUBLIC_SUPABASE_URL=… SUPABASE_SECRET_KEY=… node jobs/welcome.ts ORGANIZATION")
}

const supabase = createClient<Database>(NEXT_PUBLIC_SUPABASE_URL, SUPABASE_SECRET_KEY)
const { error } = await supabase
  .from("documents")
  .insert({ org_id: organizationId, author_id: "jobs/welcome", title: "Welcome" })
if (error) throw new Error(`${error.code}: ${error.message}`)
