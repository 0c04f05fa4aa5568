import { type Problem, problem } from "../problems.ts"
import type { Names, PartialCall, Reference } from "./Program.ts"

/** Variables by name: `single` ones hold a text, a number or a boolean, nothing is known of `any`. */
export type Declared = ReadonlyMap<string, "single" | "any">

const referenceProblem = (reference: Reference, declared: Declared, file: string): Problem | null => {
  const { name, members, asList, line } = reference
  const kind = declared.get(name)
  if (kind === undefined) {
    const known = [...declared.keys()].toSorted().join(", ")
    return problem("unknown_variable", file, line, `there is no variable \`${name}\`; there are ${known}`)
  }
  if (kind === "any") return null
  const [member] = members
  if (member !== undefined) {
    return problem("variable_misused", file, line, `\`${name}\` is a single value, it has no \`${member}\``)
  }
  return asList
    ? problem("variable_misused", file, line, `\`${name}\` is a single value, {{#each}} needs a list`)
    : null
}

const within = (known: Declared | null, call: PartialCall): Declared | null => {
  if (known === null || call.sees === "value") return null
  return new Map([...known, ...call.named.map((name): [string, "any"] => [name, "any"])])
}

export interface SourceFile {
  readonly file: string
  readonly names: Names
}

export type Partials = ReadonlyMap<string, SourceFile>

/**
 * Every variable and partial that a source names, and the partials that it prints name, against those
 * that there are. What is looked up in an item of a list is known only when it is rendered.
 */
export const checkReferences = (
  source: SourceFile,
  variables: Declared,
  partials: Partials,
): ReadonlyArray<Problem> => {
  const seen = new Set<string>()
  const check = ({ file, names }: SourceFile, known: Declared | null): ReadonlyArray<Problem> => [
    ...names.references.flatMap((reference) => {
      const declared = reference.root ? variables : known
      return declared === null ? [] : (referenceProblem(reference, declared, file) ?? [])
    }),
    ...names.partials.flatMap((call) => checkCall(call, known, file)),
  ]
  const checkCall = (call: PartialCall, known: Declared | null, file: string): ReadonlyArray<Problem> => {
    const target = partials.get(call.name)
    if (target === undefined) {
      return [problem("unknown_partial", file, call.line, `there is no file _partials/${call.name}.hbs`)]
    }
    const inner = within(known, call)
    const key = JSON.stringify([call.name, inner === null ? null : [...inner.keys()].toSorted()])
    if (seen.has(key)) return []
    seen.add(key)
    return check(target, inner)
  }
  return check(source, variables)
}
