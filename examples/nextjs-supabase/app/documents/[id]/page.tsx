import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { cache } from "react"
import { Failed } from "@/components/failed"
import { supabaseOnServer } from "@/lib/supabase/server"

type Props = { params: Promise<{ id: string }> }

// Once per request, for the title and the page.
const find = cache((id: string) =>
  supabaseOnServer().from("documents").select("title, is_public, created_at").eq("id", Number(id)).maybeSingle(),
)

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { data } = await find((await params).id)
  return { title: data?.title ?? "Not found" }
}

export default async function Document({ params }: Props) {
  const { id } = await params
  if (!/^[0-9]{1,15}$/.test(id)) notFound()
  const { data, error } = await find(id)
  if (error) return <Failed error={error} />
  // A document that the policies do not show is not told from one that does not exist.
  if (!data) notFound()
  return (
    <article>
      <h1>{data.title}</h1>
      <p className="quiet">
        {data.is_public ? "Everybody can read this." : "Only your organization can read this."} Created on{" "}
        <time dateTime={data.created_at}>{data.created_at.slice(0, 10)}</time>.
      </p>
    </article>
  )
}
