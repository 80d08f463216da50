"use client"

import { useActionState } from "react"
import { setPublic } from "@/app/actions"

export function ShareButton({ id, title, isPublic }: { id: number; title: string; isPublic: boolean }) {
  const [refused, toggle, pending] = useActionState(() => setPublic(id, !isPublic), undefined)
  return (
    <form action={toggle} onSubmit={(event) => pending && event.preventDefault()} className="share">
      {/* Not `disabled`: a button that is disabled loses the focus of the keyboard. */}
      <button
        type="submit"
        aria-disabled={pending}
        aria-label={`${isPublic ? "Stop sharing" : "Share publicly"}: ${title}`}
      >
        {isPublic ? "Stop sharing" : "Share publicly"}
      </button>
      <span role="status" className="refused">
        {refused}
      </span>
    </form>
  )
}
