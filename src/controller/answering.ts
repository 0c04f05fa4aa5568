import { DateTime, Deferred, Effect, Either, Option, Ref } from "effect"
import {
  InputInvalid,
  type Issue,
  SessionAlreadyCompleted,
  SessionNotAwaitingInput,
  type SessionNotFound,
} from "../domain/Errors.ts"
import { checkAnswers, fieldProblem } from "../domain/Field.ts"
import { type JsonObject, textProblem } from "../domain/Json.ts"
import type { Answer, Prompt } from "../domain/Plugin.ts"
import { type Session, type SessionId, toHandle } from "../domain/Session.ts"
import { isTerminal } from "../domain/SessionState.ts"
import type { SessionStore } from "../ports/SessionStore.ts"
import { advance, type SessionFrame } from "./SessionFrame.ts"
import type { Suspended } from "./pipeline.ts"
import type { Contact, Opened, Reply, SessionFibers } from "./SessionFibers.ts"

/** Whose answer it is, and to which prompt. */
export interface ResumeOptions {
  /** May be left out for a session's first prompt only, so that a repeated answer never answers the next one. */
  readonly promptId?: string | undefined
  /** Default: the session's operator. */
  readonly answeredBy?: string | undefined
}

const promptIdsOf = (contact: Contact): ReadonlyArray<string> =>
  contact._tag === "Opened" ? contact.promptIds : []

/** Why nobody could answer it: a bug of the host that asks; null when somebody can. */
const promptProblem = ({ fields, promptId }: Prompt, before: ReadonlyArray<string>): string | null => {
  if (before.includes(promptId)) return `the prompt id ${promptId} was used before`
  if (fields.length === 0) return "it asks for nothing"
  const ids = fields.map(({ id }) => id)
  if (new Set(ids).size < ids.length) return "two of its fields have one id"
  return fields.map(fieldProblem).find((problem) => problem !== null) ?? null
}

/** A session that waits. */
export interface Pause {
  readonly suspended: Suspended
  readonly reply: Deferred.Deferred<Reply>
}

/**
 * Asks a person. What the answer will come to is there before the prompt can be seen, so that an
 * answer that comes at once isn't lost. At a shutdown nobody waits.
 */
export const ask = Effect.fnUntraced(function* (
  { contact, id }: SessionFrame,
  closing: Ref.Ref<boolean>,
  suspended: Suspended,
) {
  const { prompt } = suspended
  const before = promptIdsOf(yield* Ref.get(contact))
  const problem = promptProblem(prompt, before)
  if (problem !== null) return yield* Effect.dieMessage(`plugin ${prompt.plugin} can't ask: ${problem}`)
  const reply = yield* Deferred.make<Reply>()
  yield* Ref.set(contact, { _tag: "Opened", promptIds: before.concat(prompt.promptId), reply })
  yield* advance(id, { from: "plugin_pass", to: "input_required", prompt })
  if (yield* Ref.get(closing)) return yield* Effect.interrupt
  return { suspended, reply } satisfies Pause
})

const openedOf = (fibers: SessionFibers, id: SessionId) =>
  Effect.map(
    Effect.flatMap(
      fibers.find(id),
      Effect.transposeMapOption(({ contact }) => Ref.get(contact)),
    ),
    Option.filter((contact) => contact._tag === "Opened"),
  )

type NoPrompt = SessionAlreadyCompleted | SessionNotAwaitingInput

const promptOf = (
  session: Session,
  opened: Option.Option<Opened>,
  { promptId }: ResumeOptions,
): Either.Either<Prompt, NoPrompt> => {
  const { pendingInput, sessionId, state } = session
  const refuse = (reason: string) => Either.left(new SessionNotAwaitingInput({ sessionId, state, reason }))
  if (isTerminal(state)) return Either.left(new SessionAlreadyCompleted({ sessionId, state }))
  if (pendingInput === null) return refuse("it isn't waiting for one")
  const first = Option.exists(opened, ({ promptIds }) => promptIds.length === 1)
  if (promptId === undefined && !first) {
    return refuse(`this is not its first prompt: name it by its prompt_id, ${pendingInput.promptId}`)
  }
  return promptId === undefined || promptId === pendingInput.promptId
    ? Either.right(pendingInput)
    : refuse(`prompt ${promptId} doesn't wait any more`)
}

/** It goes into the record: a text like an operator's. */
const answererOf = (session: Session, { answeredBy }: ResumeOptions): Either.Either<string, InputInvalid> => {
  if (answeredBy === undefined) return Either.right(session.request.operator.trim())
  const problem =
    typeof answeredBy !== "string"
      ? "must be a text"
      : answeredBy.length > 200
        ? "has more than 200 characters"
        : textProblem(answeredBy)
  if (problem !== null) {
    const issue: Issue = { field: "answered_by", code: "input_invalid", message: problem }
    return Either.left(new InputInvalid({ issues: [issue] }))
  }
  return Either.right(answeredBy.trim() === "" ? session.request.operator.trim() : answeredBy.trim())
}

/** One answer: checked first, then committed in one update of the store, then the session is woken. */
export const resume = (store: SessionStore["Type"], fibers: SessionFibers) =>
  Effect.fn("CreationController.resume")(function* (
    id: SessionId,
    extraInputs: JsonObject,
    options: ResumeOptions = {},
  ) {
    yield* store.noteAttempt(id)
    const session = yield* store.get(id)
    const opened = yield* openedOf(fibers, id)
    const prompt = yield* promptOf(session, opened, options)
    const inputs = yield* Either.mapLeft(
      checkAnswers(prompt.fields, extraInputs, "extra_inputs"),
      (issues) => new InputInvalid({ issues }),
    )
    const answeredBy = yield* answererOf(session, options)
    const answer: Answer = {
      promptId: prompt.promptId,
      inputs,
      answeredBy,
      answeredAt: yield* DateTime.now,
    }
    const committed = yield* commit(store, id, answer, opened)
    return toHandle(committed)
  })

const commit = (store: SessionStore["Type"], id: SessionId, answer: Answer, opened: Option.Option<Opened>) =>
  store.transition(id, { from: "input_required", to: "plugin_pass", promptId: answer.promptId }).pipe(
    Effect.tap(() =>
      Effect.flatMap(Effect.option(Effect.currentParentSpan), (caller) => {
        const reply = Option.getOrNull(opened)?.reply ?? null
        return reply === null ? Effect.void : Deferred.succeed(reply, { answer, caller })
      }),
    ),
    Effect.catchTags({
      IllegalTransition: () => noLonger(store, id),
      SessionEnding: () => noLonger(store, id),
    }),
    Effect.uninterruptible,
  )

/** The session changed between the look and the commit. */
const noLonger = (
  store: SessionStore["Type"],
  id: SessionId,
): Effect.Effect<never, NoPrompt | SessionNotFound> =>
  Effect.flatMap(store.get(id), ({ state }): Effect.Effect<never, NoPrompt> => {
    if (isTerminal(state)) return new SessionAlreadyCompleted({ sessionId: id, state })
    const reason = "another answer was taken, or it is being ended"
    return new SessionNotAwaitingInput({ sessionId: id, state, reason })
  })
