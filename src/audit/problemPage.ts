import { Effect, Either, Encoding, Schema } from "effect"
import { type AuditScope, isWithin } from "../domain/AuditScope.ts"
import { cursorRefused, type PageRefused } from "../domain/PageRefused.ts"
import { type Finding, orderFindings, Rule, Tier } from "../domain/Finding.ts"

/** Which of the known problems are wanted. */
export interface ProblemQuery {
  readonly tier?: Tier | undefined
  readonly rule?: Rule | undefined
  readonly limit?: number | undefined
  /** As the page before gave it. */
  readonly cursor?: string | undefined
}

export interface ProblemPage {
  readonly total: number
  readonly findings: ReadonlyArray<Finding>
  readonly nextCursor: string | null
}

const usualPage = 100

/** Where a page ended, by what findings are sorted by: it holds whatever has changed since. */
const Place = Schema.Tuple(
  Tier,
  Schema.String,
  Rule,
  Schema.NullOr(Schema.Number),
  Schema.NullOr(Schema.String),
  Schema.NullOr(Schema.String),
  Schema.String,
)
const PlaceText = Schema.parseJson(Place)

const cursorAfter = ({ keyPath, line, matchedToken, offendingPath, rule, runPath, tier }: Finding): string =>
  Encoding.encodeBase64Url(
    Schema.encodeSync(PlaceText)([
      tier,
      offendingPath,
      rule,
      line ?? null,
      keyPath ?? null,
      matchedToken,
      runPath,
    ]),
  )

/** A finding that stands where the page ended. */
const placeOf = (cursor: string): Either.Either<Finding, PageRefused> =>
  Encoding.decodeBase64UrlString(cursor).pipe(
    Either.flatMap(Schema.decodeEither(PlaceText)),
    Either.map(([tier, offendingPath, rule, line, keyPath, matchedToken, runPath]) => ({
      tier,
      offendingPath,
      rule,
      matchedToken,
      runPath,
      ...(line === null ? {} : { line }),
      ...(keyPath === null ? {} : { keyPath }),
      offendingKind: "file_name" as const,
      ruleDetail: "",
      syncedUnderPriorPolicy: false,
      overrideActive: false,
    })),
    Either.mapLeft(cursorRefused),
  )

/** One page of sorted findings. */
export const pageOf = (
  scope: AuditScope,
  all: ReadonlyArray<Finding>,
  { cursor, limit = usualPage, rule, tier }: ProblemQuery,
): Effect.Effect<ProblemPage, PageRefused> =>
  Effect.gen(function* () {
    const wanted = all.filter(
      (finding) =>
        (tier === undefined || finding.tier === tier) &&
        (rule === undefined || finding.rule === rule) &&
        (scope.level === "all" || isWithin(scope, finding.runPath)),
    )
    const place = cursor === undefined ? null : yield* placeOf(cursor)
    const left = place === null ? wanted : wanted.filter((finding) => orderFindings(finding, place) > 0)
    const findings = left.slice(0, limit)
    const last = findings.at(-1)
    const nextCursor = last === undefined || left.length <= limit ? null : cursorAfter(last)
    return { total: wanted.length, findings, nextCursor }
  })
