import { withAuth } from "@workos-inc/authkit-nextjs"
import Link from "next/link"
import { Failed } from "@/components/failed"
import { NewDocument } from "@/components/new-document"
import { ShareButton } from "@/components/share-button"
import { roleOfSession } from "@/lib/organizations"
import { supabaseOnServer } from "@/lib/supabase/server"

export default async function Documents() {
  const { user, organizationId } = await withAuth()
  const { data: documents, error } = await supabaseOnServer()
    .from("documents")
    .select("id, org_id, title, is_public")
    .order("created_at", { ascending: false })
    .order("id", { ascending: false })
  if (error) return <Failed error={error} />

  const ours = documents.filter((d) => organizationId !== undefined && d.org_id === organizationId)
  const others = documents.filter((d) => !ours.includes(d))
  return (
    <>
      {user && !organizationId && (
        <p role="note">
          You are signed in, but not in an organization. If there is none to select above, ask for an invitation.
        </p>
      )}
      {organizationId && (
        <section aria-labelledby="ours">
          <h1 id="ours">Documents of your organization</h1>
          <p className="quiet">Your role here: {(await roleOfSession()) ?? "none"}</p>
          <NewDocument organizationId={organizationId} />
          {ours.length === 0 && <p className="quiet">Nothing here yet.</p>}
          <ul>
            {ours.map((d) => (
              <li key={d.id}>
                <Link href={`/documents/${d.id}`}>{d.title}</Link>
                {d.is_public && <span className="tag">Public</span>}
                <ShareButton id={d.id} title={d.title} isPublic={d.is_public} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="others">
        {organizationId ? <h2 id="others">Shared by other organizations</h2> : <h1 id="others">Public documents</h1>}
        {others.length === 0 && <p className="quiet">Nothing is shared.</p>}
        <ul>
          {others.map((d) => (
            <li key={d.id}>
              <Link href={`/documents/${d.id}`}>{d.title}</Link>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
