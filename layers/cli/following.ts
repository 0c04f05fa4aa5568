import { Effect, Stream } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { answerFields, type GivenAnswers } from "./answering.ts"
import { tell } from "./telling.ts"

type Asked = Extract<SessionEvent, { readonly kind: "input_required" }>

const answer = (id: SessionId, { fields, promptId }: Asked, given: GivenAnswers) =>
  Effect.flatMap(CreationController, (wizard) =>
    answerFields(fields, given, {
      submit: (inputs) => wizard.resume(id, inputs, { promptId }),
      isWrongAnswer: ({ _tag }) => _tag === "InputInvalid",
    }),
  )

/** Tells how a session goes, answers for it, and gives what it made. One that is left before its end is cancelled. */
export const follow = (id: SessionId, given: GivenAnswers) =>
  Effect.gen(function* () {
    const wizard = yield* CreationController
    const cancelled = Effect.ignore(wizard.cancel(id, { discardFiles: true }))
    yield* Stream.runForEach(wizard.subscribe(id), (event) =>
      Effect.zipRight(tell(event), event.kind === "input_required" ? answer(id, event, given) : Effect.void),
    ).pipe(
      Effect.tapError(() => cancelled),
      Effect.onInterrupt(() => cancelled),
    )
    return yield* wizard.awaitResult(id)
  })
