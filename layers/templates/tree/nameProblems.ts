import { Either } from "effect"
import { collisionKey, segmentProblems } from "../../../src/domain/PathSegment.ts"
import { serviceNames } from "../../../src/domain/Template.ts"
import type { Compiled } from "../language/Program.ts"
import { type Problem, problem } from "../problems.ts"
import { parentOf, type TemplateDirectory, type TemplateFile } from "./TemplateTree.ts"

export const answersFile = ".exlab-answers.yml"

/** Names that the service itself gives to something in the tree's root. */
const reserved: ReadonlySet<string> = new Set([...serviceNames, answersFile].map(collisionKey))

/** Why an entry can't have a name, in words; null when it can. */
export const nameProblem = (
  name: string,
  atTop: boolean,
): { readonly code: "name_unsafe" | "reserved_name"; readonly message: string } | null => {
  const [unsafe] = segmentProblems(name)
  if (unsafe !== undefined)
    return { code: "name_unsafe", message: `the name ${JSON.stringify(name)} ${unsafe.detail}` }
  return atTop && reserved.has(collisionKey(name))
    ? { code: "reserved_name", message: `the name ${name} is kept for the service itself` }
    : null
}

interface Entry {
  readonly path: string
  readonly name: Compiled
}

/** The entries that become something in the tree. */
export const outputs = (
  directories: ReadonlyArray<TemplateDirectory>,
  files: ReadonlyArray<TemplateFile>,
): ReadonlyArray<Entry> => [...directories, ...files.filter(({ role }) => role === "text" || role === "copy")]

const constantOf = ({ name }: Entry): string | null => (Either.isRight(name) ? name.right.constant : null)

/** What is wrong with names before any variable is known. */
export const nameProblems = (entries: ReadonlyArray<Entry>): ReadonlyArray<Problem> => {
  const taken = new Map<string, string>()
  return entries.flatMap((entry) => {
    const { path } = entry
    if (Either.isLeft(entry.name)) return entry.name.left.problems
    const name = constantOf(entry)
    if (name === null) return []
    const parent = parentOf(path)
    const wrong = nameProblem(name, parent === "")
    if (wrong !== null) return [problem(wrong.code, path, 0, wrong.message)]
    const key = `${parent}/${collisionKey(name)}`
    const other = taken.get(key)
    taken.set(key, path)
    return other === undefined ? [] : [collision(path, other, name)]
  })
}

const collision = (path: string, other: string, name: string): Problem =>
  problem("name_collision", path, 0, `becomes ${name}, which ${other} becomes, too, where case doesn't count`)
