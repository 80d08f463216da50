import { getSignInUrl } from "@workos-inc/authkit-nextjs"
import { redirect } from "next/navigation"
import type { NextRequest } from "next/server"

// Pages send visitors here, with their own address: /sign-in?from=/members. It is a route, because a page may not set the
// cookie that the sign-in needs, so `withAuth({ ensureSignedIn: true })` fails in a page.
export async function GET(request: NextRequest) {
  redirect(await getSignInUrl({ returnTo: request.nextUrl.searchParams.get("from") ?? "/" }))
}
