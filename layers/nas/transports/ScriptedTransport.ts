import { Context, Data, Effect, HashMap, Layer, Option, Ref } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { SyncFailure, SyncFailureClass } from "../../../src/domain/SyncFailure.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { type Parcel, SyncTransport, type TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { emptyContents, make as makeMemory, type MemoryContents, withFile } from "./MemoryTarget.ts"
import { failure, guarded } from "./places.ts"

/** What a scripted target does when it is called. */
export type Behaviour = Data.TaggedEnum<{
  Works: {}
  /** It works once this is over. */
  WorksAfter: { readonly effect: Effect.Effect<void> }
  Fails: { readonly class: SyncFailureClass; readonly files?: ReadonlyArray<string> }
  /** It is done, and reported as failed: the answer got lost. */
  FailsAfter: { readonly class: SyncFailureClass }
  Hangs: {}
  /** It is done, and nobody hears of it. */
  HangsAfter: {}
  /** It works; of a file that was sent, by its path in the parcel, the first byte is another then. */
  Corrupts: { readonly path: string }
  Dies: {}
}>
export const Behaviour = Data.taggedEnum<Behaviour>()

export interface TransportCall {
  readonly equipmentId: string
  readonly method: keyof TargetTransport
  /** What it is about, below the target's root; for `publish` where to. Empty: the target itself. */
  readonly place: string
  /** Calls of any method before this one. */
  readonly index: number
  /** What was to be sent, for `send`. */
  readonly parcel: Option.Option<Parcel>
}

export type Script = (call: TransportCall) => Behaviour

/** What a test sees and sets of scripted targets. */
export class TransportScript extends Context.Tag("exlab-wizard/testing/TransportScript")<
  TransportScript,
  {
    readonly script: Ref.Ref<Script>
    /** A target that is away has no marker, and every other call fails with `target_away`. */
    readonly isAway: Ref.Ref<boolean>
    readonly calls: Ref.Ref<ReadonlyArray<TransportCall>>
    /** What each equipment's target holds. */
    readonly contents: ReadonlyMap<string, Ref.Ref<MemoryContents>>
  }
>() {}

const flipFirst = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(bytes, (byte, i) => (i === 0 ? byte ^ 1 : byte))

const corrupt = (contents: MemoryContents, path: string): MemoryContents =>
  Option.match(HashMap.get(contents.files, path), {
    onNone: () => contents,
    onSome: (bytes) => withFile(contents, path, flipFirst(bytes)),
  })

const scripted = (
  { calls, contents, isAway, script }: TransportScript["Type"],
  equipmentId: string,
  target: TargetTransport,
): TargetTransport => {
  const memory = contents.get(equipmentId)
  const act = <A>(behaviour: Behaviour, place: string, run: Effect.Effect<A, SyncFailure>) =>
    Behaviour.$match(behaviour, {
      Works: () => run,
      WorksAfter: ({ effect }) => Effect.zipRight(effect, run),
      Fails: (how) => failure(how.class, "the script says so", how.files),
      FailsAfter: (how) => Effect.zipRight(run, failure(how.class, "the script says so")),
      Hangs: () => Effect.never,
      HangsAfter: () => Effect.zipRight(run, Effect.never),
      Corrupts: ({ path }) =>
        Effect.tap(run, () =>
          memory === undefined
            ? Effect.void
            : Ref.update(memory, (now) => corrupt(now, joinPath(place, path))),
        ),
      Dies: () => Effect.dieMessage("the script says so"),
    })
  const call = <A>(
    method: TransportCall["method"],
    run: Effect.Effect<A, SyncFailure>,
    place = "",
    parcel: Option.Option<Parcel> = Option.none(),
  ): Effect.Effect<A, SyncFailure> =>
    Effect.gen(function* () {
      const one = yield* Ref.modify(calls, (before) => {
        const made = { equipmentId, method, place, index: before.length, parcel }
        return [made, [...before, made]]
      })
      if (yield* Ref.get(isAway)) return yield* failure("target_away", "the script says so")
      return yield* act((yield* Ref.get(script))(one), place, run)
    })
  const nothingWhenAway = Effect.if(Ref.get(isAway), {
    onTrue: () => Effect.succeedNone,
    onFalse: () => call("readMarker", target.readMarker),
  })
  return {
    publishesByRename: target.publishesByRename,
    check: call("check", target.check),
    readMarker: nothingWhenAway,
    writeMarker: (id) => call("writeMarker", target.writeMarker(id)),
    send: (parcel, report) => call("send", target.send(parcel, report), parcel.to, Option.some(parcel)),
    digests: (place, paths) => call("digests", target.digests(place, paths), place),
    exists: (place) => call("exists", target.exists(place), place),
    list: (place, except) => call("list", target.list(place, except), place),
    remove: (place, entries) => call("remove", target.remove(place, entries), place),
    publish: (from, to) => call("publish", target.publish(from, to), to),
    discard: (place) => call("discard", target.discard(place), place),
  }
}

/** Targets in memory, one for each of these equipments, that do what a test says. */
export const layerTest = (
  equipmentIds: ReadonlyArray<string>,
): Layer.Layer<SyncTransport | TransportScript, never, Disk> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const contents = new Map<string, Ref.Ref<MemoryContents>>()
      const script = {
        script: yield* Ref.make<Script>(() => Behaviour.Works()),
        isAway: yield* Ref.make(false),
        calls: yield* Ref.make<ReadonlyArray<TransportCall>>([]),
        contents,
      }
      const transports = new Map<string, TargetTransport>()
      for (const id of equipmentIds) {
        const memory = yield* Ref.make(emptyContents)
        contents.set(id, memory)
        transports.set(id, guarded(scripted(script, id, yield* makeMemory(memory))))
      }
      const of = (equipmentId: string) => Option.fromNullable(transports.get(equipmentId))
      return Context.make(TransportScript, script).pipe(Context.add(SyncTransport, { of }))
    }),
  )
