// Stands in for WorkOS in the tests: the sign-in page, the endpoints that AuthKit for Next.js calls, and tokens of the
// shape that WorkOS signs, with the JWT template that Supabase needs. The key is made when it starts.
import { createHash, randomBytes } from "node:crypto"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"
import { json, type Server, serve } from "./http.ts"

export const CLIENT_ID = "client_01EXAMPLE"
export const API_KEY = "sk_test_example"
const KID = "sso_oidc_key_pair_01EXAMPLE"
const LIFETIME = 300

const organizations = { org_01ACME: "Acme", org_01GLOBEX: "Globex" }
type OrganizationId = keyof typeof organizations

const permissions = { admin: ["documents:write"], editor: ["documents:write"], viewer: [] }

type Person = { name: [string, string]; memberships: Partial<Record<OrganizationId, keyof typeof permissions>> }
const people: Record<string, Person> = {
  user_01ADA: { name: ["Ada", "Admin"], memberships: { org_01ACME: "admin", org_01GLOBEX: "editor" } },
  user_01VIC: { name: ["Vic", "Viewer"], memberships: { org_01ACME: "viewer" } },
  user_01GRETA: { name: ["Greta", "Editor"], memberships: { org_01GLOBEX: "editor" } },
  user_01NORA: { name: ["Nora", "Nobody"], memberships: {} },
}

type Session = { userId: string; organizationId: OrganizationId | undefined; sessionId: string }
type Code = Session & { challenge: string | null; redirectUri: string }

export type WorkOS = Server & {
  jwks: { keys: object[] }
  token(userId: string, organizationId: OrganizationId | undefined, more?: JWTPayload): Promise<string>
}

/** `application`: where the application runs, the only place that the sign-in leads back to. */
export async function startWorkOS(port: number, application: string): Promise<WorkOS> {
  const { publicKey, privateKey } = await generateKeyPair("RS256")
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: "RS256", use: "sig" }] }
  const codes = new Map<string, Code>()
  const refreshTokens = new Map<string, Session>()

  /** A session's token. The JWT template sets `role`, and moves the role of WorkOS to `user_role`. */
  async function sign({ userId, organizationId, sessionId }: Session, more: JWTPayload = {}) {
    const role = organizationId && people[userId]?.memberships[organizationId]
    const now = Math.floor(Date.now() / 1000)
    const membership = role && {
      org_id: organizationId,
      user_role: role,
      roles: [role],
      permissions: permissions[role],
    }
    return new SignJWT({
      iss: `https://api.workos.com/user_management/${CLIENT_ID}`,
      sub: userId,
      sid: sessionId,
      jti: id(""),
      iat: now,
      exp: now + LIFETIME,
      role: "authenticated",
      ...membership,
      ...more,
    })
      .setProtectedHeader({ alg: "RS256", kid: KID }) // WorkOS sends no `typ`.
      .sign(privateKey)
  }

  async function signedIn(session: Session): Promise<Response> {
    const refreshToken = id("refresh_")
    refreshTokens.set(refreshToken, session)
    return json({
      user: userOf(session.userId),
      organization_id: session.organizationId,
      access_token: await sign(session),
      refresh_token: refreshToken,
      authentication_method: "Password",
    })
  }

  async function authenticate(body: Record<string, string>): Promise<Response> {
    if (body.client_id !== CLIENT_ID || body.client_secret !== API_KEY) return refuse("invalid_client", 401)
    if (body.grant_type === "authorization_code") {
      const code = take(codes, body.code)
      const challenge = createHash("sha256")
        .update(body.code_verifier ?? "")
        .digest("base64url")
      if (!code || code.challenge !== challenge) return refuse("invalid_grant")
      return signedIn(code)
    }
    if (body.grant_type === "refresh_token") {
      const session = take(refreshTokens, body.refresh_token) // Each can be used once.
      if (!session) return refuse("invalid_grant")
      const organizationId = (body.organization_id as OrganizationId | undefined) ?? session.organizationId
      if (organizationId && !people[session.userId]?.memberships[organizationId]) {
        return refuse("organization_not_authorized", 403)
      }
      return signedIn({ ...session, organizationId })
    }
    return refuse("unsupported_grant_type")
  }

  function signInPage(url: URL): Response {
    const wanted = url.searchParams.get("redirect_uri") ?? ""
    if (url.searchParams.get("client_id") !== CLIENT_ID) return refuse("invalid_client")
    if (wanted !== `${application}/callback`) return refuse("invalid_redirect_uri")
    const entries = Object.entries(people).map(([userId, { name }]) => {
      url.searchParams.set("user", userId)
      return `<li><a href="/sign-in${escaped(url.search)}">${name.join(" ")}</a></li>`
    })
    return new Response(
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign in</title>
      <h1>Sign in</h1><p>A stand-in for AuthKit. Who are you?</p><ul>${entries.join("")}</ul></html>`,
      { headers: { "content-type": "text/html; charset=utf-8" } },
    )
  }

  function picked({ searchParams }: URL): Response {
    const userId = searchParams.get("user") ?? ""
    const person = people[userId]
    const redirectUri = searchParams.get("redirect_uri") ?? ""
    if (!person || redirectUri !== `${application}/callback`) return refuse("invalid_request")
    const [organizationId] = Object.keys(person.memberships) as OrganizationId[]
    const code = id("code_")
    const challenge = searchParams.get("code_challenge")
    codes.set(code, { userId, organizationId, sessionId: id("session_"), challenge, redirectUri })
    const back = new URL(redirectUri)
    back.searchParams.set("code", code)
    back.searchParams.set("state", searchParams.get("state") ?? "")
    return Response.redirect(back, 302)
  }

  const server = await serve(port, async (request) => {
    const url = new URL(request.url)
    switch (`${request.method} ${url.pathname}`) {
      case "GET /user_management/authorize":
        return signInPage(url)
      case "GET /sign-in":
        return picked(url)
      case "POST /user_management/authenticate":
        return authenticate((await request.json()) as Record<string, string>)
      case "GET /user_management/sessions/logout":
        return Response.redirect(application, 302)
      case `GET /sso/jwks/${CLIENT_ID}`:
        return json(jwks)
    }
    if (request.headers.get("authorization") !== `Bearer ${API_KEY}`) return refuse("unauthorized", 401)
    const [userId, organizationId] = ["user_id", "organization_id"].map((name) => url.searchParams.get(name))
    const memberships = Object.keys(people)
      .flatMap(membershipsOf)
      .filter((m) => (!userId || m.user_id === userId) && (!organizationId || m.organization_id === organizationId))
    switch (`${request.method} ${url.pathname}`) {
      case "GET /user_management/organization_memberships":
        return list(memberships)
      case "GET /user_management/users":
        return list(memberships.map((m) => userOf(m.user_id)))
    }
    return refuse("not_found", 404)
  })

  const token: WorkOS["token"] = (userId, organizationId, more) =>
    sign({ userId, organizationId, sessionId: id("session_") }, more)
  return { ...server, jwks, token }
}

function membershipsOf(userId: string) {
  return Object.entries(people[userId]?.memberships ?? {}).map(([organizationId, slug]) => ({
    object: "organization_membership",
    id: `om_${userId}_${organizationId}`,
    user_id: userId,
    organization_id: organizationId,
    organization_name: organizations[organizationId as OrganizationId],
    status: "active",
    role: { slug },
    ...times,
  }))
}

function userOf(userId: string) {
  const [first_name, last_name] = people[userId]?.name ?? []
  return {
    object: "user",
    id: userId,
    email: `${first_name?.toLowerCase()}@example.com`,
    email_verified: true,
    first_name,
    last_name,
    profile_picture_url: null,
    last_sign_in_at: null,
    locale: null,
    ...times,
  }
}

const times = { created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z" }

function list(data: object[]): Response {
  return json({ object: "list", data, list_metadata: { before: null, after: null } })
}

function refuse(error: string, status = 400): Response {
  return json({ error, error_description: `refused by the stand-in: ${error}` }, status)
}

function take<T>(map: Map<string, T>, key: string | undefined): T | undefined {
  const value = map.get(key ?? "")
  map.delete(key ?? "")
  return value
}

function id(prefix: string): string {
  return prefix + randomBytes(13).toString("hex").toUpperCase()
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")
}
