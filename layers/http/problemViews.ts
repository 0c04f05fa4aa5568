import { Effect, Option } from "effect"
import type { ProblemsQuery } from "../../src/api/ProblemsApi.ts"
import { Audit } from "../../src/audit/Audit.ts"
import { pageOf } from "../../src/audit/problemPage.ts"
import { type Board, ProblemWatch } from "../../src/audit/ProblemWatch.ts"

/** How the list stands. */
export const boardView = ({ at, directories, examined, findings, pass, problem }: Board) => {
  const hard = findings.filter(({ tier }) => tier === "hard").length
  return {
    at: Option.getOrNull(at),
    pass,
    directories,
    examined,
    counts: { hard, soft: findings.length - hard },
    problem,
  }
}

/** A page of what is known to be wrong. */
export const problemsPage = Effect.fnUntraced(function* (query: ProblemsQuery) {
  const scope = yield* Effect.flatMap(Audit, ({ scopeOf }) => scopeOf(query.scope ?? ""))
  const board = yield* Effect.flatMap(ProblemWatch, (watch) => watch.board)
  const page = yield* pageOf(scope, board.findings, query)
  return { ...boardView(board), ...page }
})
