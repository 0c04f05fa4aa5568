import { Effect, Stream } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { type Field, typed } from "../../src/domain/Field.ts"
import type { Json } from "../../src/domain/Json.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { ask, isInteractive } from "./asking.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { Output } from "./Output.ts"

type Asked = Extract<SessionEvent, { readonly kind: "input_required" }>
type Given = Readonly<Record<string, string>>

const tell = (event: SessionEvent) =>
  Effect.flatMap(Output, ({ note, progress }) => {
    switch (event.kind) {
      case "phase":
        return note(event.phase)
      case "progress":
        return progress(`  ${event.current}/${event.total} ${event.detail ?? ""}`)
      case "warning":
        return note(`! ${event.message}`)
      case "input_required":
        return note(`${event.plugin} asks: ${event.reason}`)
      default:
        return Effect.void
    }
  })

const answerTo = (field: Field, given: Given) => {
  const text = given[field.id]
  if (text !== undefined) return Effect.succeed<Json>(typed(field, text))
  if (isInteractive()) return ask(field)
  if (field.required !== true || field.default !== undefined) return Effect.succeed<Json>(null)
  return new CommandFailed({ message: `nobody answers: give it with --answer ${field.id}=VALUE` })
}

/** Answers what a plugin asks. Who sits at a terminal may try again with what was wrong. */
const answer = (id: SessionId, { fields, promptId }: Asked, given: Given) =>
  Effect.gen(function* () {
    const wizard = yield* CreationController
    const { note } = yield* Output
    const submit = (answers: Given) =>
      Effect.gen(function* () {
        const pairs = yield* Effect.forEach(fields, (field) =>
          Effect.map(answerTo(field, answers), (value) => [field.id, value] as const),
        )
        const inputs = Object.fromEntries(pairs.filter(([, value]) => value !== null))
        yield* wizard.resume(id, inputs, { promptId })
      })
    const again = Effect.retry(submit({}), { while: ({ _tag }) => _tag === "InputInvalid" })
    yield* Effect.catchTag(submit(given), "InputInvalid", (error) =>
      isInteractive() ? Effect.zipRight(note(`! ${error.message}`), again) : error,
    )
  })

/** Tells how a session goes, answers for it, and gives what it made. One that is left before its end is cancelled. */
export const follow = (id: SessionId, given: Given) =>
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
