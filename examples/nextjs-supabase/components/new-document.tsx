"use client"

import { useRouter } from "next/navigation"
import { useActionState } from "react"
import { messageFor } from "@/lib/messages"
import { useSupabase } from "@/lib/supabase/browser"

type Result = { created?: string; refused?: string; title?: string }

/** Writes from the browser, straight to Supabase: the policies decide. */
export function NewDocument({ organizationId }: { organizationId: string }) {
  const supabase = useSupabase(organizationId)
  const router = useRouter()

  const [result, create, pending] = useActionState(async (_: Result, form: FormData): Promise<Result> => {
    const title = String(form.get("title")).trim()
    // org_id and author_id are filled by the column defaults, from the token.
    const { data, error } = await supabase.from("documents").insert({ title }).select("id, title").single()
    if (error) return { refused: messageFor(error, "create documents"), title }
    router.refresh()
    return { created: data.title }
  }, {})

  return (
    <form action={create} onSubmit={(event) => pending && event.preventDefault()} className="new">
      <label htmlFor="title">New document</label>
      <div className="row">
        <input id="title" name="title" required maxLength={200} defaultValue={result.title} autoComplete="off" />
        {/* Not `disabled`: a button that is disabled loses the focus of the keyboard. */}
        <button type="submit" className="primary" aria-disabled={pending}>
          Create
        </button>
      </div>
      {/* In the page from the start, so that a screen reader notices when it changes. */}
      <p role="status" className={result.refused ? "refused" : undefined}>
        {result.refused ?? (result.created && `Created “${result.created}”.`)}
      </p>
    </form>
  )
}
