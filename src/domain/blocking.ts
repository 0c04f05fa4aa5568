import type { Finding } from "./Finding.ts"
import { listed } from "./listed.ts"

/** Hard findings that nobody has overridden. */
export const blocking = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> =>
  findings.filter(({ overrideActive, tier }) => tier === "hard" && !overrideActive)

/** A message names several, and a path may have thousands of characters. */
const maxPathLength = 200

const endOf = (path: string): string =>
  path.length <= maxPathLength ? path : `…${path.slice(-maxPathLength).replace(/^[\udc00-\udfff]/, "")}`

const placeOf = ({ offendingPath, runPath }: Finding): string =>
  endOf(
    offendingPath.startsWith(`${runPath}/`)
      ? offendingPath.slice(runPath.length + 1)
      : offendingPath === runPath
        ? "its own name"
        : offendingPath,
  )

/** What is broken, and where: the rules, and the first few paths, below the directory that the findings are about. */
export const rulesAndPlaces = (findings: ReadonlyArray<Finding>): string => {
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  return `${rules.join(", ")} in ${listed([...new Set(findings.map(placeOf))])}`
}
