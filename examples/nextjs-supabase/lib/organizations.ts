import { getTokenClaims, getWorkOS } from "@workos-inc/authkit-nextjs"

/** The organizations that a user may select. */
export async function organizationsOf(userId: string) {
  const list = await getWorkOS().userManagement.listOrganizationMemberships({ userId, statuses: ["active"] })
  return (await list.autoPagination()).map((m) => ({ id: m.organizationId, name: m.organizationName }))
}

/** The members of an organization. Pass the organization of the session only: this asks WorkOS with the API key. */
export async function membersOf(organizationId: string) {
  const { userManagement } = getWorkOS()
  const [memberships, users] = await Promise.all([
    userManagement
      .listOrganizationMemberships({ organizationId, statuses: ["active"] })
      .then((l) => l.autoPagination()),
    userManagement.listUsers({ organizationId }).then((l) => l.autoPagination()),
  ])
  return memberships.map((m) => ({
    user: users.find((u) => u.id === m.userId),
    role: m.role.slug,
    id: m.id,
  }))
}

/**
 * The user's role in the organization of the session. The JWT template moves it to `user_role`, because Supabase needs
 * `role` for the Postgres role; so the `role` that `withAuth()` returns is always "authenticated".
 */
export async function roleOfSession(): Promise<string | undefined> {
  return (await getTokenClaims<{ user_role: string }>()).user_role
}
