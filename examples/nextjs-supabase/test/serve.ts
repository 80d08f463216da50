// Serves the application until it is interrupted, to look at it.
import { startStack } from "./stack.ts"

const stack = await startStack()
console.log(`The application: ${stack.app}`)
process.once("SIGINT", () => stack.close())
process.once("SIGTERM", () => stack.close())
