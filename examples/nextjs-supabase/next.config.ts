import type { NextConfig } from "next"

// Every page depends on who asks, so none is prerendered: `cacheComponents` stays off.
const config: NextConfig = {}

export default config
