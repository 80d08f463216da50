// An Edge Function that WorkOS sends its webhooks to. It hands on the body and its signature as they came: the database
// checks the signature, by the function public.workos_webhook.
const url = `${Deno.env.get("SUPABASE_URL")}/rest/v1/rpc/workos_webhook`
const key = Deno.env.get("SUPABASE_SERVICE_ROLE_KEY") ?? ""

Deno.serve(async (request) => {
  if (request.method !== "POST") return new Response(null, { status: 405 })
  const signature = request.headers.get("workos-signature")
  if (!signature) return new Response(null, { status: 401 })
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      apikey: key,
      authorization: `Bearer ${key}`,
      "content-type": "application/octet-stream",
      "workos-signature": signature,
    },
    body: await request.arrayBuffer(),
  })
  if (answer.ok) return new Response(null, { status: 200 })
  // The message names the cause, and repeats neither the body nor the signature.
  const { code, message } = await answer.json()
  console.error(`webhook refused: ${code} ${message}`)
  // WorkOS sends it again.
  return new Response(null, { status: code === "28000" ? 401 : 500 })
})
