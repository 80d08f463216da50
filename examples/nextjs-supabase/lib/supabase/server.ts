import { createClient } from "@supabase/supabase-js"
import { withAuth } from "@workos-inc/authkit-nextjs"
import type { Database } from "./database.types"
import { supabaseKey, supabaseUrl } from "./env"

/** A client for one request to the server. It sends the user's access token, or none for a visitor. */
export function supabaseOnServer() {
  return createClient<Database>(supabaseUrl, supabaseKey, {
    accessToken: async () => (await withAuth()).accessToken ?? null,
  })
}
