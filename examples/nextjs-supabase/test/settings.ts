// Prints the settings for `.env.local`.
import { settings } from "./stack.ts"

for (const [name, value] of Object.entries(settings())) console.log(`${name}="${value}"`)
