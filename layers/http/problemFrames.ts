import { Effect, Schema, Stream } from "effect"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import { inPieces, ProblemsFrame } from "../../src/domain/FindingsDelta.ts"
import { type Frame, frameOf, tellingOfBreaks } from "./eventFrames.ts"

/** Findings in one frame: less than what may wait for a reader. */
const findingsAtATime = 500

const encode = Schema.encode(Schema.parseJson(ProblemsFrame))

const toFrame = (frame: ProblemsFrame): Effect.Effect<Frame> =>
  Effect.map(Effect.orDie(encode(frame)), (data) => frameOf(frame.kind, null, data))

/** The list of problems and how it changes, until the service goes down. */
export const problemFrames = Effect.map(ProblemWatch, ({ changes }) =>
  changes.pipe(
    Stream.mapConcat((frame) => inPieces(frame, findingsAtATime)),
    // One by one: who reads slowly is waited for after each.
    Stream.rechunk(1),
    Stream.mapEffect(toFrame),
    tellingOfBreaks,
  ),
)
