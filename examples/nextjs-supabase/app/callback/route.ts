import { handleAuth } from "@workos-inc/authkit-nextjs"

// WorkOS sends the user here after the sign-in.
export const GET = handleAuth()
