import type { PostgrestError } from "@supabase/supabase-js"

/** What a person reads when the database or the gateway refuses. Other errors are not for the page to explain. */
export function messageFor(error: Pick<PostgrestError, "code" | "message">, what: string): string {
  // new row violates row-level security policy, or permission denied
  if (error.code === "42501") return `Your role in this organization may not ${what}. Ask one of its admins.`
  // PostgREST refuses the token: expired, or not signed by WorkOS
  if (error.code.startsWith("PGRST3")) return "Your session has ended. Sign in again."
  return `The database could not ${what}. Try again.`
}
