// What the stand-ins share: a server on the loopback.
import { createServer, type IncomingMessage } from "node:http"
import { Readable } from "node:stream"

export type Server = { url: string; close(): Promise<void> }

/** Serves on 127.0.0.1. An error of the handler is told to the client as status 500, and thrown by `close()`. */
export async function serve(port: number, handle: (request: Request) => Promise<Response>): Promise<Server> {
  const errors: unknown[] = []
  const server = createServer(async (incoming, outgoing) => {
    let response: Response
    try {
      response = await handle(requestOf(incoming))
    } catch (error) {
      errors.push(error)
      response = json({ message: String(error) }, 500)
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((done, fail) => server.once("error", fail).listen(port, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      if (errors.length > 0) throw new AggregateError(errors, "a stand-in failed")
    },
  }
}

function requestOf(incoming: IncomingMessage): Request {
  const method = incoming.method ?? "GET"
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
  const bare = method === "GET" || method === "HEAD"
  const init: RequestInit & { duplex?: "half" } = { method, headers }
  if (!bare) Object.assign(init, { body: Readable.toWeb(incoming), duplex: "half" })
  return new Request(`http://${incoming.headers.host}${incoming.url}`, init)
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}
