import type { NextConfig } from "next"

export default {
  // The folder that holds this file, wherever it was copied to.
  turbopack: { root: import.meta.dirname },
} satisfies NextConfig
