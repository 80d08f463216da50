import { messageFor } from "@/lib/messages"

export function Failed({ error }: { error: { code: string; message: string } }) {
  return (
    <p role="alert" className="refused">
      {messageFor(error, "read the documents")}
    </p>
  )
}
