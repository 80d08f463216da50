// Starts everything that the application needs, and the application as `next build` made it.
import { spawn } from "node:child_process"
import { PUBLISHABLE_KEY, SECRET_KEY, startGateway } from "./gateway.ts"
import { API_KEY, CLIENT_ID, startWorkOS } from "./workos.ts"

const port = (name: string) => Number(env(name))

export function env(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: test.sh sets it`)
  return value
}

/** What a developer has in `.env.local`. */
export function settings(): Record<string, string> {
  return {
    WORKOS_CLIENT_ID: CLIENT_ID,
    WORKOS_API_KEY: API_KEY,
    WORKOS_COOKIE_PASSWORD: "a password of at least 32 characters",
    NEXT_PUBLIC_WORKOS_REDIRECT_URI: `http://localhost:${env("APP_PORT")}/callback`,
    NEXT_PUBLIC_SUPABASE_URL: `http://127.0.0.1:${env("SUPABASE_PORT")}`,
    NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
    WEBHOOK_DATABASE_URL: env("WEBHOOK_DATABASE_URL"),
    // For the stand-in only: where AuthKit finds WorkOS.
    WORKOS_API_HOSTNAME: "127.0.0.1",
    WORKOS_API_HTTPS: "false",
    WORKOS_API_PORT: env("WORKOS_PORT"),
  }
}

/** `folder`: of the built application. `database`: where the gateway connects, as authenticator. */
export async function startStack({ folder = ".", database = env("DATABASE_URL") } = {}) {
  const app = `http://localhost:${env("APP_PORT")}`
  const workos = await startWorkOS(port("WORKOS_PORT"), app)
  const gateway = await startGateway({ port: port("SUPABASE_PORT"), database, jwks: workos.jwks })

  let said = ""
  const bin = "node_modules/next/dist/bin/next"
  const next = spawn(process.execPath, [bin, "start", "-H", "localhost", "-p", env("APP_PORT")], { cwd: folder })
  for (const stream of [next.stdout, next.stderr]) stream.on("data", (data) => (said += data))
  const ended = new Promise<void>((done) => next.once("exit", () => done()))
  for (let tries = 0; !(await fetch(app).catch(() => undefined))?.ok; tries++) {
    if (tries > 150 || next.exitCode !== null) throw new Error(`next start does not answer:\n${said}`)
    await new Promise((done) => setTimeout(done, 200))
  }
  return {
    app,
    workos,
    gateway,
    /** What the application printed. */
    said: () => said,
    async close() {
      next.kill()
      await ended
      await gateway.close()
      await workos.close()
    },
  }
}

export { PUBLISHABLE_KEY, SECRET_KEY }
