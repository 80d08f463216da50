import { withAuth } from "@workos-inc/authkit-nextjs"
import { AuthKitProvider, Impersonation } from "@workos-inc/authkit-nextjs/components"
import type { Metadata } from "next"
import type { ReactNode } from "react"
import { Header } from "@/components/header"
import "./globals.css"

export const metadata: Metadata = {
  title: { default: "Documents", template: "%s · Documents" },
  description: "A starter application with WorkOS AuthKit, Supabase and pg_workos",
}

export default async function Layout({ children }: { children: ReactNode }) {
  // The browser fetches the access token itself when it needs one, so it is not part of the page.
  const { accessToken: _, ...initialAuth } = await withAuth()
  return (
    <html lang="en">
      <body>
        <AuthKitProvider initialAuth={initialAuth}>
          {initialAuth.impersonator && <Impersonation />}
          <Header />
          <main>{children}</main>
        </AuthKitProvider>
      </body>
    </html>
  )
}
