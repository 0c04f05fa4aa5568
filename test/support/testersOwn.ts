import { it, makeMethods } from "@effect/vitest"

// `layer` puts its methods on the one `it` that there is: the next file of a fork would find them there.
makeMethods(it)
