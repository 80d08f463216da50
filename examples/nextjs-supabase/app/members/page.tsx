import { withAuth } from "@workos-inc/authkit-nextjs"
import type { Metadata } from "next"
import { redirect } from "next/navigation"
import { membersOf } from "@/lib/organizations"

export const metadata: Metadata = { title: "Members" }

export default async function Members() {
  const { user, organizationId } = await withAuth()
  if (!user) redirect("/sign-in?from=/members")
  if (!organizationId) return <p role="note">Select an organization to see its members.</p>
  const members = await membersOf(organizationId)
  return (
    <>
      <h1>Members</h1>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
          </tr>
        </thead>
        <tbody>
          {members.map(({ id, user, role }) => (
            <tr key={id}>
              <td>{[user?.firstName, user?.lastName].filter(Boolean).join(" ") || user?.email}</td>
              <td>{role}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
