import Link from "next/link"

export default function NotFound() {
  return (
    <>
      <title>Not found</title>
      <h1>Not found</h1>
      <p>There is nothing at this address, or you may not see it.</p>
      <Link href="/">All documents</Link>
    </>
  )
}
