// Keeps the files of the page, so that it works without a network after it has been used once.
const CACHE = "playground-%HASH%"
const PREFIX = "playground-"
const FIRST = ["./", ...%FIRST%]

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FIRST)).then(() => self.skipWaiting()))
})

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name)
    await self.clients.claim()
  })())
})

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== "GET" || !url.href.startsWith(self.registration.scope)) return
  event.respondWith(event.request.mode === "navigate" ? newest(event.request) : kept(event.request))
})

// The page itself: a new version, if there is a network.
async function newest(request) {
  const cache = await caches.open(CACHE)
  try {
    const response = await fetch(request)
    if (response.ok) await cache.put("./", response.clone())
    return response
  } catch (error) {
    return (await cache.match("./")) ?? Promise.reject(error)
  }
}

// The path of every other file has a hash of its content.
async function kept(request) {
  const cache = await caches.open(CACHE)
  const found = await cache.match(request, { ignoreSearch: true })
  if (found) return found
  const response = await fetch(request)
  if (response.ok) await cache.put(request, response.clone())
  return response
}
