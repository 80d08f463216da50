import { withAuth } from "@workos-inc/authkit-nextjs"
import { redirect } from "next/navigation"
import { supabaseOnServer } from "@/lib/supabase/server"

export default async function FirstQuery() {
  const { user } = await withAuth()
  if (!user) redirect("/sign-in?from=/first-query")
  const supabase = supabaseOnServer()
  const whoami = await supabase.rpc("whoami")
  const documents = await supabase.from("documents").select("title, org_id")
  return (
    <>
      <h1>First query</h1>
      <p>AuthKit says that you are {user.email}.</p>
      <h2>Who the database says you are</h2>
      <pre>{JSON.stringify(whoami.error ?? whoami.data, null, 2)}</pre>
      <h2>What it shows you</h2>
      <pre>{JSON.stringify(documents.error ?? documents.data, null, 2)}</pre>
    </>
  )
}
