// Loads Postgres, and talks to the worker that runs it.
const SLOW = 10_000
const START = 120_000

export class Postgres {
  #assets
  #files
  #worker
  #waiting = new Map()
  #next = 1

  constructor(assets, trusted) {
    this.#assets = assets
    this.trusted = trusted
  }

  // progress: from 0 to 1
  async load(sizes, progress) {
    const total = Object.values(sizes).reduce((sum, size) => sum + size)
    let loaded = 0
    const get = async (name) => {
      const response = await fetch(`${this.#assets}/${name}`)
      if (!response.ok) throw new Error(`${name}: the server says ${response.status}. Load this page again.`)
      const counted = response.body.pipeThrough(new TransformStream({
        transform(part, controller) {
          loaded += part.length
          progress(Math.min(loaded / total, 1))
          controller.enqueue(part)
        },
      }))
      const bytes = new Uint8Array(await new Response(counted).arrayBuffer())
      // Some servers unpack the file by themselves.
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
      return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer())
    }
    const [postgres, initdb, data, setup] = await Promise.all(["postgres.wasm.gz", "initdb.wasm.gz", "postgres.data.gz", "setup.json.gz"].map(get))
    this.#files = {
      postgres: await WebAssembly.compile(postgres),
      initdb: await WebAssembly.compile(initdb),
      data: new Blob([data]),
      setup: JSON.parse(new TextDecoder().decode(setup)),
    }
    return this.#files.setup
  }

  async start() {
    this.#worker?.terminate()
    for (const { reject } of this.#waiting.values()) reject(new Error("Postgres was started again"))
    this.#waiting.clear()
    this.#worker = new Worker(this.trusted(`${this.#assets}/worker.js`))
    this.#worker.onmessage = ({ data: { id, output } }) => {
      this.#waiting.get(id)?.resolve(output)
      this.#waiting.delete(id)
    }
    this.#worker.onerror = (event) => {
      event.preventDefault()
      for (const { resolve } of this.#waiting.values()) resolve({ error: { message: `Postgres ended: ${event.message}` }, restart: true })
      this.#waiting.clear()
    }
    return this.ask("start", this.#files, START)
  }

  // The answer has `restart` if Postgres must be started again before the next question.
  ask(command, input, limit = SLOW) {
    return new Promise((resolve, reject) => {
      const id = this.#next++
      const timer = setTimeout(() => {
        this.#worker.terminate()
        answer({ error: { message: `stopped: it ran longer than ${limit / 1000} seconds`, hint: "Postgres is started again. Nothing was kept from this command." }, restart: true })
      }, limit)
      const answer = (output) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(output)
      }
      this.#waiting.set(id, { resolve: answer, reject: (error) => { clearTimeout(timer); reject(error) } })
      this.#worker.postMessage({ id, command, input })
    })
  }
}
