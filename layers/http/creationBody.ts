import { Either } from "effect"
import {
  LimsProject,
  ProjectCreateRequest,
  RunCreateRequest,
  SessionKind,
} from "../../src/domain/CreateRequest.ts"
import { toSnake } from "../../src/domain/wire.ts"
import { isObject, noObject } from "./requestBody.ts"
import { RequestRefused } from "./RequestRefused.ts"

const wireNames = (fields: object): ReadonlyMap<string, string> =>
  new Map(Object.keys(fields).map((name) => [toSnake(name), name]))

const namesOf = {
  project: wireNames(ProjectCreateRequest.fields),
  run: wireNames(RunCreateRequest.fields),
}
const limsNames = wireNames(LimsProject.fields)

type Named = Either.Either<Readonly<Record<string, unknown>>, string>

/** Known fields get their names in code. A name in code that is sent is nobody's field. */
const renamed = (given: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>): Named => {
  const internal = new Set(names.values())
  const stray = Object.keys(given).find((name) => internal.has(name) && !names.has(name))
  return stray === undefined
    ? Either.right(
        Object.fromEntries(Object.entries(given).map(([name, value]) => [names.get(name) ?? name, value])),
      )
    : Either.left(`${stray} is spelled ${toSnake(stray)} here`)
}

const malformed = (message: string) => new RequestRefused({ code: "malformed_request", message })

const isKind = (value: unknown): value is SessionKind => SessionKind.literals.some((kind) => kind === value)

/** A request as it came but for its fields' names: the gate looks at the shape before anything reads it. */
export type Creation =
  | { readonly kind: "project"; readonly request: ProjectCreateRequest }
  | { readonly kind: "run"; readonly request: RunCreateRequest }

const creation = (kind: SessionKind, request: Readonly<Record<string, unknown>>): Creation =>
  kind === "project"
    ? { kind, request: request as ProjectCreateRequest }
    : { kind, request: request as RunCreateRequest }

const withNames = (kind: SessionKind, given: Readonly<Record<string, unknown>>): Named =>
  Either.gen(function* () {
    const request = yield* renamed(given, namesOf[kind])
    const lims = request["limsProject"]
    return isObject(lims) ? { ...request, limsProject: yield* renamed(lims, limsNames) } : request
  })

export const creationOf = (body: unknown): Either.Either<Creation, RequestRefused> => {
  if (!isObject(body)) return Either.left(noObject)
  const { kind, ...given } = body
  return isKind(kind)
    ? Either.mapBoth(withNames(kind, given), {
        onLeft: malformed,
        onRight: (request) => creation(kind, request),
      })
    : Either.left(malformed('kind must be "project" or "run"'))
}
