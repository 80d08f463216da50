import { authkitProxy } from "@workos-inc/authkit-nextjs"

// Reads the session from its cookie, and refreshes the access token shortly before it expires.
export default authkitProxy()

export const config = { matcher: ["/((?!_next/static|_next/image|favicon.ico).*)"] }
