import {
  Chunk,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Either,
  FiberId,
  HashMap,
  Layer,
  Option,
  Ref,
  Stream,
} from "effect"
import type { CreateRequest, SessionKind } from "../../src/domain/CreateRequest.ts"
import {
  IllegalTransition,
  SessionNotAwaitingInput,
  SessionNotFound,
  TooManySessions,
} from "../../src/domain/Errors.ts"
import { type Session, SessionId } from "../../src/domain/Session.ts"
import {
  addNotice,
  applyTransition,
  type Cursor,
  isAbandoned,
  markEnding,
  type News,
  newsAfter,
  openEntry,
  type Refusal,
  requestIdOf,
  type SessionEntry,
} from "../../src/domain/SessionEntry.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { isTerminal } from "../../src/domain/SessionState.ts"
import { SessionEnding, SessionStore } from "../../src/ports/SessionStore.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { countByState } from "./countByState.ts"
import { pageOf } from "./page.ts"
import { terminalsToForget } from "./retention.ts"

type Latch = Deferred.Deferred<void>

/**
 * One session: its entry, and the latch that subscribers wait on, made only when one does. Subscribers
 * hold the topic itself, so that a forgotten session is still read to its end.
 */
interface Topic {
  readonly entry: SessionEntry
  readonly changed: Latch | null
}

interface Waiting {
  readonly latch: Latch
  readonly cursor: Cursor
}

type NextPage = readonly [Chunk.Chunk<SessionEvent>, Option.Option<Cursor>]

interface State {
  readonly topics: HashMap.HashMap<SessionId, Ref.Ref<Topic>>
  readonly requests: HashMap.HashMap<string, SessionId>
  /** Sessions that haven't ended. */
  readonly open: number
  readonly opened: number
}

const refused = (sessionId: SessionId, refusal: Refusal) => {
  switch (refusal._tag) {
    case "Illegal":
      return new IllegalTransition({ from: refusal.from, to: refusal.to })
    case "Ending":
      return new SessionEnding({ sessionId })
    case "OtherPrompt":
      return new SessionNotAwaitingInput({
        sessionId,
        state: refusal.state,
        reason: "the prompt was answered already, or another one waits now",
      })
  }
}

const make = Effect.gen(function* () {
  const { sessions: limits } = yield* Settings
  const state = yield* Ref.make<State>({
    topics: HashMap.empty(),
    requests: HashMap.empty(),
    open: 0,
    opened: 0,
  })

  const find = (id: SessionId): Effect.Effect<Ref.Ref<Topic>, SessionNotFound> =>
    Effect.flatMap(Ref.get(state), ({ topics }) =>
      Option.match(HashMap.get(topics, id), {
        onNone: () => new SessionNotFound({ sessionId: id }),
        onSome: Effect.succeed,
      }),
    )

  const entries = Effect.map(Ref.get(state), ({ topics }) => [...HashMap.values(topics)]).pipe(
    Effect.flatMap(Effect.forEach((topic) => Ref.get(topic))),
    Effect.map((topics) => topics.map(({ entry }) => entry)),
  )

  /** One pure update; then whoever waits for news is woken. */
  const update = <A>(
    topic: Ref.Ref<Topic>,
    f: (entry: SessionEntry) => readonly [A, SessionEntry],
  ): Effect.Effect<A> =>
    Ref.modify(topic, (before): readonly [{ readonly result: A; readonly wake: Latch | null }, Topic] => {
      const [result, entry] = f(before.entry)
      const quiet = entry.log === before.entry.log && entry.progress === before.entry.progress
      return quiet
        ? [
            { result, wake: null },
            { entry, changed: before.changed },
          ]
        : [
            { result, wake: before.changed },
            { entry, changed: null },
          ]
    }).pipe(
      Effect.flatMap(({ result, wake }) =>
        wake === null ? Effect.succeed(result) : Effect.as(Deferred.succeed(wake, undefined), result),
      ),
      Effect.uninterruptible,
    )

  const updateIfThere = (id: SessionId, f: (entry: SessionEntry) => SessionEntry) =>
    find(id).pipe(
      Effect.flatMap((topic) => update(topic, (entry) => [undefined, f(entry)])),
      Effect.catchTag("SessionNotFound", () => Effect.void),
    )

  const register = (id: SessionId, kind: SessionKind, request: CreateRequest, now: DateTime.Utc) => {
    const key = requestIdOf(request)
    return Ref.modify(state, (before): readonly [Either.Either<Ref.Ref<Topic>, SessionId | null>, State] => {
      const known = key === null ? Option.none() : HashMap.get(before.requests, key)
      if (Option.isSome(known)) return [Either.left(known.value), before]
      if (before.open >= limits.maxOpen) return [Either.left(null), before]
      const entry = openEntry(id, kind, request, before.opened + 1, now)
      const topic = Ref.unsafeMake<Topic>({ entry, changed: null })
      return [
        Either.right(topic),
        {
          topics: HashMap.set(before.topics, id, topic),
          requests: key === null ? before.requests : HashMap.set(before.requests, key, id),
          open: before.open + 1,
          opened: before.opened + 1,
        },
      ]
    })
  }

  const open = Effect.fnUntraced(function* (kind: SessionKind, request: CreateRequest) {
    const id = SessionId.make(crypto.randomUUID())
    const now = yield* DateTime.now
    const registered = yield* register(id, kind, request, now)
    if (Either.isRight(registered)) {
      return { session: (yield* Ref.get(registered.right)).entry.session, fresh: true }
    }
    const known = registered.left
    if (known === null) return yield* new TooManySessions({ limit: limits.maxOpen })
    const topic = yield* Effect.orDie(find(known))
    return { session: (yield* Ref.get(topic)).entry.session, fresh: false }
  })

  const get = Effect.fnUntraced(function* (id: SessionId) {
    return (yield* Ref.get(yield* find(id))).entry.session
  })

  const transition: SessionStore["Type"]["transition"] = Effect.fnUntraced(function* (id, change) {
    const topic = yield* find(id)
    const now = yield* DateTime.now
    const applied = yield* update(
      topic,
      (entry): readonly [Either.Either<Session, Refusal>, SessionEntry] => {
        const next = applyTransition(entry, change, now)
        return [Either.map(next, ({ session }) => session), Either.getOrElse(next, () => entry)]
      },
    )
    if (Either.isLeft(applied)) return yield* refused(id, applied.left)
    if (isTerminal(change.to)) yield* Ref.update(state, (s) => ({ ...s, open: s.open - 1 }))
    return applied.right
  }, Effect.uninterruptible)

  /** The news, or the latch to wait on: decided in one step, so that no wake-up is lost. */
  const read = (topic: Ref.Ref<Topic>, cursor: Cursor) =>
    Ref.modify(topic, (before): readonly [Either.Either<News, Waiting>, Topic] => {
      const news = newsAfter(before.entry, cursor)
      if (news.events.length > 0 || news.ended) return [Either.right(news), before]
      const latch = before.changed ?? Deferred.unsafeMake<void>(FiberId.none)
      return [Either.left({ latch, cursor: news.cursor }), { entry: before.entry, changed: latch }]
    })

  const next = (topic: Ref.Ref<Topic>, cursor: Cursor): Effect.Effect<NextPage> =>
    Effect.flatMap(read(topic, cursor), (found) =>
      Either.isLeft(found)
        ? Effect.zipRight(Deferred.await(found.left.latch), next(topic, found.left.cursor))
        : Effect.succeed<NextPage>([
            Chunk.unsafeFromArray(found.right.events),
            found.right.ended ? Option.none() : Option.some(found.right.cursor),
          ]),
    )

  const subscribe = (id: SessionId, after = 0) =>
    find(id).pipe(
      Effect.map((topic) =>
        Stream.paginateChunkEffect<Cursor, SessionEvent, never, never>(
          { seq: Math.max(0, Math.trunc(after) || 0), version: null },
          (cursor) => next(topic, cursor),
        ),
      ),
      Stream.unwrap,
      Stream.withSpan("SessionStore.subscribe", { attributes: { "session.id": id } }),
    )

  return SessionStore.of({
    open,
    get,
    list: Effect.fn("SessionStore.list")((filter) => Effect.map(entries, (all) => pageOf(all, filter))),
    counts: Effect.map(entries, countByState),
    transition,
    emit: (id, notice) =>
      Effect.flatMap(DateTime.now, (now) => updateIfThere(id, (entry) => addNotice(entry, notice, now))),
    subscribe,
    heartbeat: (id) =>
      Effect.flatMap(DateTime.now, (now) =>
        updateIfThere(id, (entry) => ({
          ...entry,
          session: { ...entry.session, lastHeartbeat: now },
        })),
      ),
    noteAttempt: (id) =>
      Effect.flatMap(DateTime.now, (now) => updateIfThere(id, (entry) => ({ ...entry, attemptedAt: now }))),
    markEnding: Effect.fn("SessionStore.markEnding")(function* (id, ending, idleSince) {
      return yield* update(yield* find(id), (entry) => markEnding(entry, ending, idleSince))
    }),
    ending: (id) =>
      find(id).pipe(
        Effect.flatMap((topic) => Ref.get(topic)),
        Effect.map(({ entry }) => Option.fromNullable(entry.ending)),
        Effect.catchTag("SessionNotFound", () => Effect.succeedNone),
      ),
    abandonedOlderThan: Effect.fn("SessionStore.abandonedOlderThan")(function* (age) {
      const cutoff = DateTime.subtractDuration(yield* DateTime.now, age)
      const all = yield* entries
      return all.filter((entry) => isAbandoned(entry, cutoff)).map((entry) => entry.session.sessionId)
    }),
    forget: Effect.fn("SessionStore.forget")(function* ({ age, atMost }) {
      const cutoff = DateTime.subtractDuration(yield* DateTime.now, Duration.decode(age))
      const gone = terminalsToForget(yield* entries, cutoff, atMost)
      yield* Ref.update(state, (before) => ({
        ...before,
        topics: HashMap.removeMany(
          before.topics,
          gone.map((session) => session.sessionId),
        ),
        requests: HashMap.removeMany(
          before.requests,
          gone.flatMap((session) => (session.requestId === null ? [] : [session.requestId])),
        ),
      }))
      return gone.length
    }),
  })
})

/**
 * Sessions in memory: they end with the process. What every session does many times, in microseconds, has no
 * spans: they would cost more than it does.
 */
export const layer: Layer.Layer<SessionStore, never, Settings> = Layer.effect(SessionStore, make)
