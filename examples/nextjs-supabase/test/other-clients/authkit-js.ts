import { createClient as createSupabase } from "@supabase/supabase-js"
import { createClient as createAuthKit } from "@workos-inc/authkit-js"

export async function supabaseFor(clientId: string, url: string, publishableKey: string) {
  const authkit = await createAuthKit(clientId)
  return createSupabase(url, publishableKey, {
    // getAccessToken() throws for a visitor.
    accessToken: async () => (authkit.getUser() ? authkit.getAccessToken() : null),
  })
}
