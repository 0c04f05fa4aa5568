import { catalogue } from "./hostile/catalogue.ts"
import { attackSuite } from "./hostile/suite.ts"

/** `nobody`: root escapes the limit on processes, and may read and write everything. */
const user = 65_534

const chosen = new Set([
  "secret",
  "over what is there",
  "a link that leads up",
  "a set-uid bit",
  "README.md",
  "with its environment",
  "and ignores SIGTERM",
  "memory",
  "processes",
  "threads",
  "a line without an end",
])

const attacks = catalogue.filter(({ how }) => chosen.has(how))

// Whoever isn't root is an ordinary user in the other tests already.
if (process.getuid?.() === 0) {
  for (const tier of ["os", "permission", "none"] as const) {
    attackSuite(`hostile plugins of an ordinary user on tier ${tier}`, { tier, user, attacks })
  }
}
