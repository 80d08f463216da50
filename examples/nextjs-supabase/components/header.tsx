import { withAuth } from "@workos-inc/authkit-nextjs"
import Link from "next/link"
import { leave } from "@/app/actions"
import { organizationsOf } from "@/lib/organizations"
import { OrganizationSwitcher } from "./organization-switcher"

export async function Header() {
  const { user, organizationId } = await withAuth()
  return (
    <header>
      <nav aria-label="Main">
        <Link href="/" className="brand">
          Documents
        </Link>
        {user && <Link href="/members">Members</Link>}
      </nav>
      {user ? (
        <div className="session">
          <OrganizationSwitcher organizations={await organizationsOf(user.id)} current={organizationId} />
          <form action={leave}>
            <button type="submit" title={user.email}>
              Sign out
            </button>
          </form>
        </div>
      ) : (
        // Not a Link: signing in leaves the application, so there is nothing to prefetch.
        <a href="/sign-in" className="button">
          Sign in
        </a>
      )}
    </header>
  )
}
