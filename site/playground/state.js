// What a link carries in its fragment: {tables, policies, query, caller, callers, at}, as JSON, compressed, in base64url.
const MOST_BYTES = 1_000_000

export async function pack(state) {
  const stream = new Blob([JSON.stringify(state)]).stream().pipeThrough(new CompressionStream("deflate-raw"))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}

export async function unpack(text) {
  const bytes = fromBase64url(text)
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader()
  const parts = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > MOST_BYTES) {
      await reader.cancel()
      throw new Error("it is too large")
    }
    parts.push(value)
  }
  const state = JSON.parse(await new Blob(parts).text())
  const isText = (value) => typeof value === "string"
  const isCaller = (one) => one !== null && typeof one === "object" && ["id", "who", "note", "role", "claims"].every((name) => isText(one[name])) && ["anon", "authenticated"].includes(one.role)
  const fits = state !== null && typeof state === "object" && ["tables", "policies", "query", "caller"].every((name) => isText(state[name])) && Number.isFinite(state.at)
    && Array.isArray(state.callers) && state.callers.length > 0 && state.callers.length <= 50 && state.callers.every(isCaller)
  if (!fits) throw new Error("it does not hold a state of this page")
  return state
}

export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) throw new Error("it is not base64url")
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0))
}

// The claims of a link hold the times of the day on which the link was made.
export function moved(claims, seconds) {
  let read
  try {
    read = JSON.parse(claims)
  } catch {
    return claims
  }
  if (read === null || typeof read !== "object" || Array.isArray(read)) return claims
  let changed = false
  for (const name of ["iat", "exp", "nbf", "auth_time"]) {
    if (typeof read[name] === "number") {
      read[name] += seconds
      changed = true
    }
  }
  return changed ? JSON.stringify(read) : claims
}

// Reads an access token without a key. Returns the texts of its header and its claims, and what a gateway would say.
export function decode(token) {
  const text = token.trim().replace(/^Bearer\s+/i, "")
  if (text === "") throw new Error("Paste a token first.")
  if (text.length > 16384) throw new Error("The token is longer than 16 KiB, so no gateway accepts it.")
  const parts = text.split(".")
  if (parts.length !== 3) throw new Error("An access token has three parts with a dot between them. This text has " + parts.length + ".")
  const [header, payload] = ["header", "payload"].map((name, n) => {
    let json
    try {
      json = new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(parts[n]))
    } catch {
      throw new Error(`The ${name} of the token is not base64url of UTF-8 text.`)
    }
    let read
    try {
      read = JSON.parse(json)
    } catch {
      throw new Error(`The ${name} of the token is not JSON.`)
    }
    if (read === null || typeof read !== "object" || Array.isArray(read)) throw new Error(`The ${name} of the token is not a JSON object.`)
    return { json, read }
  })
  const words = []
  if (header.read.alg === "RS256") words.push(`The signature was not checked. A gateway checks it with the public key ${shown(header.read.kid)} of the issuer ${shown(payload.read.iss)}; the keys of WorkOS are at https://api.workos.com/sso/jwks/<client id>. This page goes on as if a gateway had accepted the token.`)
  else words.push(`A gateway must refuse this token: its algorithm is ${shown(header.read.alg)}, and WorkOS signs with "RS256". This page shows what would happen if a gateway accepted it.`)
  if (parts[2] === "") words.push("The token has no signature.")
  if (typeof payload.read.exp === "number") {
    const when = new Date(payload.read.exp * 1000)
    if (!(when.getTime() > Date.now())) words.push("The token has expired. pg_workos ignores its claims, 30 seconds after that time.")
  }
  return { header: header.json, payload: payload.json, role: payload.read.role === "anon" ? "anon" : "authenticated", words }
}

const shown = (value) => (value === undefined ? "(none)" : JSON.stringify(value))
