import { createClient } from "@supabase/supabase-js"
import { useAuth } from "@workos-inc/authkit-react"
import { useMemo } from "react"

export function useSupabase(url: string, publishableKey: string) {
  const { getAccessToken, user } = useAuth()
  return useMemo(
    // getAccessToken() throws for a visitor.
    () => createClient(url, publishableKey, { accessToken: async () => (user ? getAccessToken() : null) }),
    [url, publishableKey, getAccessToken, user],
  )
}
