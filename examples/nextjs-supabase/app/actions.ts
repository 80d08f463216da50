"use server"

import { signOut, switchToOrganization } from "@workos-inc/authkit-nextjs"
import { refresh } from "next/cache"
import { messageFor } from "@/lib/messages"
import { supabaseOnServer } from "@/lib/supabase/server"

export async function leave() {
  await signOut()
}

/** Gets an access token of the other organization, and shows the documents again. */
export async function switchOrganization(form: FormData) {
  await switchToOrganization(String(form.get("organization")), { returnTo: "/" })
}

export async function setPublic(id: number, isPublic: boolean): Promise<string | undefined> {
  const what = isPublic ? "share documents" : "take back documents"
  const { data, error } = await supabaseOnServer()
    .from("documents")
    .update({ is_public: isPublic })
    .eq("id", id)
    .select("id")
  if (error) return messageFor(error, what)
  // An UPDATE does not fail for rows that the policies do not let the user change. It changes none.
  if (data.length === 0) return messageFor({ code: "42501", message: "" }, what)
  refresh()
}
