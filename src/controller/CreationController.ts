import { type Cause, Context, Deferred, Effect, Exit, Layer, Option, Ref, Stream, type Tracer } from "effect"
import {
  type CreateRequest,
  ProjectCreateRequest,
  RunCreateRequest,
  type SessionKind,
} from "../domain/CreateRequest.ts"
import {
  type InputInvalid,
  internalError,
  type SessionAlreadyCompleted,
  type SessionError,
  type SessionNotAwaitingInput,
  SessionNotFound,
  ShuttingDown,
  type TooManySessions,
} from "../domain/Errors.ts"
import type { JsonObject } from "../domain/Json.ts"
import type { Preview } from "../domain/Preview.ts"
import {
  type AbortedResult,
  type DoneResult,
  type Session,
  SessionAborted,
  SessionFailed,
  type SessionFilter,
  type SessionHandle,
  type SessionId,
  type SessionPage,
  toHandle,
} from "../domain/Session.ts"
import type { SessionEvent } from "../domain/SessionEvent.ts"
import { isTerminal } from "../domain/SessionState.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { Settings } from "../ports/Settings.ts"
import { ask, resume, type ResumeOptions } from "./answering.ts"
import { cancel } from "./ending.ts"
import { gate } from "./gate.ts"
import { garbageCollector, shutDown } from "./housekeeping.ts"
import { begin, goOn, type Stop, type Suspended } from "./pipeline.ts"
import { preview, type PreviewError } from "./preview.ts"
import * as SessionFibers from "./SessionFibers.ts"
import { advance, cleanUp, makeFrame, type SessionFrame } from "./SessionFrame.ts"
import { settle } from "./settle.ts"
import { snapshot } from "./snapshot.ts"
import * as WorkingPlaces from "./WorkingPlaces.ts"

/** Gate, then pipeline, until it is done or a plugin asks. The caller of `create` hears the gate's verdict. */
const work = (session: Session, frame: SessionFrame) =>
  Effect.gen(function* () {
    yield* advance(session.sessionId, { from: "pending", to: "validating" })
    const accepted = yield* gate(session)
    const rendering = yield* advance(session.sessionId, {
      from: "validating",
      to: "rendering",
      destination: accepted.place.destination.path,
    })
    yield* SessionFibers.deliver(frame.contact, toHandle(rendering))
    yield* Effect.annotateCurrentSpan("template", accepted.template.manifest.name)
    return yield* begin(accepted, frame)
  })

const projectFields = Object.keys(ProjectCreateRequest.fields)
const runFields = Object.keys(RunCreateRequest.fields)

const ownOf = (kind: SessionKind, request: CreateRequest): CreateRequest =>
  snapshot(request, kind === "run" ? runFields : projectFields)

/** One line for whoever runs the service. */
const outcomeOf = ({ error, kind, result, state }: Session): string => {
  if (error !== null) return `${kind} ${state}: ${error.code}: ${error.message}`
  const place = result?.path === undefined ? "" : `: ${result.path}`
  return result !== null && "code" in result
    ? `${kind} ${state}: ${result.code}${place}`
    : `${kind} ${state}${place}`
}

const make = Effect.gen(function* () {
  const store = yield* SessionStore
  const { sessions: limits } = yield* Settings
  const context = yield* Effect.context<SessionNeeds>()
  const places = WorkingPlaces.make(limits.maxWorking)
  const closing = yield* Ref.make(false)
  const fibers = yield* SessionFibers.make
  // Released before the fibers' own scope is: working sessions get their time.
  yield* Effect.addFinalizer(() => shutDown(store, fibers, limits, closing))
  yield* Effect.forkScoped(garbageCollector(store, fibers, limits))

  /** What may be interrupted, and how it ended. */
  const part = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.exit(Effect.interruptible(effect))

  /** The way to a terminal state, whatever ended the work. */
  const conclude = (frame: SessionFrame, exit: Exit.Exit<unknown, SessionError>) =>
    Effect.gen(function* () {
      yield* cleanUp(frame)
      if (Exit.isFailure(exit)) {
        yield* settle(frame, exit.cause, (yield* Ref.get(closing)) ? "shutdown" : "cancelled")
      }
      const ended = yield* store.get(frame.id)
      yield* SessionFibers.deliver(frame.contact, toHandle(ended))
      yield* Effect.logInfo(outcomeOf(ended))
    }).pipe(Effect.catchAllCause((cause) => lastResort(frame.id, cause)))

  /** From a call, whose span is its parent, until the session has ended or waits for a person. */
  const stretch = (
    session: Session,
    frame: SessionFrame,
    caller: Option.Option<Tracer.AnySpan>,
    working: Effect.Effect<Stop, SessionError, SessionNeeds>,
  ) =>
    part(
      Effect.flatMap(working, (stop) =>
        stop._tag === "Suspended" ? ask(frame, closing, stop) : Effect.succeed(null),
      ),
    ).pipe(
      Effect.flatMap((exit) =>
        Exit.isSuccess(exit) && exit.value !== null
          ? Effect.succeed(exit.value)
          : Effect.as(conclude(frame, exit), null),
      ),
      Effect.withSpan("CreationController.session", {
        parent: Option.getOrUndefined(caller),
        captureStackTrace: false,
        attributes: {
          "session.id": session.sessionId,
          "session.kind": session.kind,
          equipment: session.request.equipmentId,
          template: session.request.templatePath,
        },
      }),
      Effect.annotateLogs("session_id", session.sessionId),
    )

  const resumed = (session: Session, frame: SessionFrame, suspended: Suspended, reply: SessionFibers.Reply) =>
    Effect.scoped(
      Effect.flatMap(part(places.hold("resumed")), (held) =>
        stretch(session, frame, reply.caller, Effect.zipRight(held, goOn(suspended, reply.answer, frame))),
      ),
    )

  /**
   * A session from its beginning to its end. A person may think for days, and many sessions wait, then for a working
   * place: while one does, its fiber has a flat stack, and holds nothing but what it goes on with.
   */
  const drive = Effect.fnUntraced(function* (session: Session, contact: Ref.Ref<SessionFibers.Contact>) {
    const frame = yield* makeFrame(session.sessionId, contact, places)
    let pause = yield* stretch(session, frame, yield* SessionFibers.callerOf(contact), work(session, frame))
    while (pause !== null) {
      const { suspended } = pause
      const reply = yield* part(Deferred.await(pause.reply))
      pause = yield* Exit.isSuccess(reply)
        ? resumed(session, frame, suspended, reply.value)
        : stretch(session, frame, Option.none(), Exit.failCause(reply.cause))
    }
    yield* SessionFibers.deliver(contact, toHandle(session))
  })

  const launch = Effect.fnUntraced(function* (session: Session) {
    const verdict = yield* Deferred.make<SessionHandle>()
    const caller = yield* Effect.option(Effect.currentParentSpan)
    const contact = yield* Ref.make<SessionFibers.Contact>({ _tag: "Opening", verdict, caller })
    // The session gets nothing that was provided to the call: it would hold on to it.
    yield* fibers
      .launch(session.sessionId, contact, drive(session, contact))
      .pipe(Effect.mapInputContext<never, SessionNeeds>(() => context))
    return verdict
  })

  const refuseWhenClosing = Effect.flatMap(Ref.get(closing), (shut) =>
    shut ? new ShuttingDown() : Effect.void,
  )

  /** Something broke on the way to the end itself: the session ends all the same. */
  const lastResort = (id: SessionId, cause: Cause.Cause<unknown>) =>
    Effect.logError("a session could not be brought to its end as it should", cause).pipe(
      Effect.zipRight(store.transition(id, { to: "failed", error: internalError() })),
      Effect.catchAllCause((again) => Effect.logError("a session could not be brought to its end", again)),
      Effect.asVoid,
    )

  /** A session that another call opened: what it is, as soon as the gate has decided. */
  const known = (session: Session): Effect.Effect<SessionHandle> =>
    store.subscribe(session.sessionId).pipe(
      Stream.filter((event) => event.kind !== "phase" || event.phase !== "validating_inputs"),
      Stream.runHead,
      Effect.zipRight(store.get(session.sessionId)),
      Effect.orElseSucceed(() => session),
      Effect.map(toHandle),
    )

  /** Opening and forking are one step: a caller who goes away leaves no session without a fiber. */
  const create = Effect.fn("CreationController.create")(function* (
    kind: SessionKind,
    request: CreateRequest,
  ) {
    yield* refuseWhenClosing
    const own = ownOf(kind, request)
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(store.open(kind, own), ({ fresh, session }) =>
        fresh
          ? Effect.flatMap(launch(session), (verdict) => restore(Deferred.await(verdict)))
          : restore(known(session)),
      ),
    )
  })

  const answer = resume(store, fibers)

  /** Of a session whose fiber isn't there yet its last event says when it has ended. */
  const endOf = (id: SessionId) =>
    Effect.zipRight(Stream.runDrain(store.subscribe(id, Number.MAX_SAFE_INTEGER)), store.get(id))

  /** A session's fiber is over when it has ended: who waits is woken once, and not by every event. */
  const awaitResult = Effect.fn("CreationController.awaitResult")(function* (id: SessionId) {
    yield* fibers.awaitEnd(id)
    const ended = yield* store.get(id)
    const { error, result } = isTerminal(ended.state) ? ended : yield* endOf(id)
    if (error !== null) return yield* new SessionFailed({ sessionId: id, envelope: error })
    if (result === null) return yield* new SessionNotFound({ sessionId: id })
    return "discarded" in result ? yield* new SessionAborted({ sessionId: id, result }) : result
  })

  return CreationController.of({
    createProject: (request) => create("project", request),
    createRun: (request) => create("run", request),
    preview: ({ kind, request }, options) =>
      preview(kind, ownOf(kind, request), options?.text ?? null).pipe(Effect.provide(context)),
    resume: (id, inputs, options) => Effect.zipRight(refuseWhenClosing, answer(id, inputs, options)),
    cancel: cancel(store, fibers),
    status: store.get,
    list: (filter) => store.list(filter ?? {}),
    subscribe: (id, options) => store.subscribe(id, options?.after),
    heartbeat: store.heartbeat,
    awaitResult,
  })
})

type SessionNeeds =
  | Effect.Effect.Context<ReturnType<typeof preview>>
  | Effect.Effect.Context<ReturnType<typeof goOn>>
  | Effect.Effect.Context<ReturnType<typeof work>>
  | Effect.Effect.Context<ReturnType<typeof settle>>

/**
 * Takes a request to a finished, validated, self-describing directory, or to a clear refusal with nothing
 * left behind. Sessions live in the scope of the layer; a caller who goes away doesn't cancel one.
 */
export class CreationController extends Context.Tag("exlab-wizard/CreationController")<
  CreationController,
  {
    /**
     * Opens a session for a project and waits for the gate's verdict: the handle says `failed` already when
     * the gate refused, otherwise `rendering`. A request id that is known returns its session.
     */
    readonly createProject: (
      request: ProjectCreateRequest,
    ) => Effect.Effect<SessionHandle, TooManySessions | ShuttingDown>
    /** The same for a run of an existing project. */
    readonly createRun: (
      request: RunCreateRequest,
    ) => Effect.Effect<SessionHandle, TooManySessions | ShuttingDown>
    /**
     * What a request would come to, with the text of one file if it is named; a file that would not be made is
     * refused. Inert: nothing is written.
     */
    readonly preview: (
      creation:
        | { readonly kind: "project"; readonly request: ProjectCreateRequest }
        | { readonly kind: "run"; readonly request: RunCreateRequest },
      options?: { readonly text?: string | undefined },
    ) => Effect.Effect<Preview, PreviewError>
    /**
     * Answers the prompt that waits. A wrong answer is `InputInvalid` and the session keeps waiting; of two
     * answers to one prompt one is taken, the other gets `SessionNotAwaitingInput`.
     */
    readonly resume: (
      id: SessionId,
      extraInputs: JsonObject,
      options?: ResumeOptions,
    ) => Effect.Effect<
      SessionHandle,
      SessionNotFound | SessionAlreadyCompleted | SessionNotAwaitingInput | InputInvalid | ShuttingDown
    >
    /**
     * Ends a session and waits until its clean-up is over. Files that were rendered are kept at the
     * destination, without a record, unless `discardFiles`. A session in its last step can't be cancelled
     * any more: `SessionAlreadyCompleted`. Cancelled again, the first outcome is returned.
     */
    readonly cancel: (
      id: SessionId,
      options?: { readonly discardFiles?: boolean | undefined },
    ) => Effect.Effect<AbortedResult, SessionNotFound | SessionAlreadyCompleted>
    readonly status: (id: SessionId) => Effect.Effect<Session, SessionNotFound>
    /** Newest first, in pages. */
    readonly list: (filter?: SessionFilter) => Effect.Effect<SessionPage>
    /** Every numbered event after `after`, in order, then live; ends after the terminal event. */
    readonly subscribe: (
      id: SessionId,
      options?: { readonly after?: number | undefined },
    ) => Stream.Stream<SessionEvent, SessionNotFound>
    /** A client's sign of life: a session that waits for input without one is ended after a while. */
    readonly heartbeat: (id: SessionId) => Effect.Effect<void>
    /** Waits for the end: the result of `done`, or why it didn't come to that. */
    readonly awaitResult: (
      id: SessionId,
    ) => Effect.Effect<DoneResult, SessionNotFound | SessionFailed | SessionAborted>
  }
>() {
  static readonly layer = Layer.scoped(CreationController, make)
}
