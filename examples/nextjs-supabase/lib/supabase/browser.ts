"use client"

import { createClient } from "@supabase/supabase-js"
import { useAccessToken } from "@workos-inc/authkit-nextjs/components"
import { useMemo } from "react"
import type { Database } from "./database.types"
import { supabaseKey, supabaseUrl } from "./env"

/**
 * A client for components in the browser. `organizationId` is the organization that the page shows.
 *
 * AuthKit keeps an access token in the browser until shortly before it expires, also after the user has switched to
 * another organization, in this tab or another one. Such a token would write into the organization that the user has
 * left, so it is exchanged for one of the organization that the page shows.
 */
export function useSupabase(organizationId: string | undefined) {
  const { getAccessToken, refresh } = useAccessToken()
  return useMemo(
    () =>
      createClient<Database>(supabaseUrl, supabaseKey, {
        accessToken: async () => {
          // Next.js renders this component on the server first, where nothing is fetched.
          if (typeof window === "undefined") return null
          let token = await getAccessToken()
          if (token && organizationOf(token) !== organizationId) token = await refresh()
          if (token && organizationOf(token) !== organizationId) throw new OtherOrganization()
          return token ?? null
        },
      }),
    [organizationId, getAccessToken, refresh],
  )
}

export class OtherOrganization extends Error {
  constructor() {
    super("The session belongs to another organization than this page.")
    this.name = "OtherOrganization"
  }
}

// The browser reads the claim and need not verify it: Supabase verifies the token.
function organizationOf(token: string): string | undefined {
  const payload = token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? ""
  return JSON.parse(atob(payload)).org_id
}
