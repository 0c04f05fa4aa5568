import { expect, it } from "@effect/vitest"
import { describe } from "vitest"
import * as fc from "effect/FastCheck"
import { type Family, kinAmong } from "../../../layers/process/kinship.ts"
import type { ProcessStat } from "../../../layers/process/procfs.ts"

const processOf = (pid: number, stat: Partial<ProcessStat> = {}): ProcessStat => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  isZombie: false,
  started: 100,
  threads: 1,
  ...stat,
})

const leader = processOf(10, { parent: 5 })
/** What was there before: the service, a shell and its jobs. */
const others = [
  processOf(1, { parent: 0, started: 1 }),
  processOf(5, { started: 2 }),
  processOf(6, { parent: 5, group: 5, session: 5, started: 3 }),
]

const familyOf = (family: Partial<Family> = {}): Family => ({
  leader,
  seen: new Map([[10, 100]]),
  isMarked: () => false,
  ...family,
})

const pids = (all: ReadonlyArray<ProcessStat>) => all.map(({ pid }) => pid).sort((a, b) => a - b)

describe("kinship", () => {
  it("the leader's group, session and descendants are kin, and those of a descendant that left", () => {
    const all = [
      ...others,
      leader,
      processOf(11, { group: 10, session: 10 }),
      processOf(12, { parent: 11, group: 12, session: 10 }),
      processOf(13, { parent: 12 }),
      processOf(14, { parent: 13, group: 14, session: 13 }),
      processOf(15, { parent: 1, group: 14, session: 13 }),
    ]
    expect(pids(kinAmong(familyOf(), all))).toEqual([10, 11, 12, 13, 14, 15])
  })

  it("whoever was seen, or carries the mark, is kin wherever it went", () => {
    const all = [...others, processOf(20, { started: 110 }), processOf(21, { started: 111 }), processOf(22)]
    const seen = new Map([
      [10, 100],
      [20, 110],
    ])
    expect(pids(kinAmong(familyOf({ seen, isMarked: (pid) => pid === 21 }), all))).toEqual([20, 21])
  })

  it("an id that was given to somebody else names a stranger", () => {
    const stranger = processOf(10, { started: 200 })
    const its = processOf(30, { parent: 10, group: 10, session: 10, started: 201 })
    expect(kinAmong(familyOf(), [...others, stranger, its])).toEqual([])
    const seen = new Map([[20, 110]])
    expect(kinAmong(familyOf({ seen }), [processOf(20, { started: 300 })])).toEqual([])
  })

  it("processes that are older than the leader aren't asked for their environment", () => {
    const asked: Array<number> = []
    const isMarked = (pid: number) => {
      asked.push(pid)
      return false
    }
    kinAmong(familyOf({ isMarked }), [...others, processOf(40)])
    expect(asked).toEqual([40])
  })

  it("a dead leader's children are kin by their group; nobody outside ever is", () => {
    const step = fc.record({
      parent: fc.nat({ max: 20 }),
      leaves: fc.constantFrom("nothing", "group", "session"),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), (steps, leaderLives) => {
        const kin = [leader]
        for (const [n, { leaves, parent }] of steps.entries()) {
          const from = kin[parent % kin.length] ?? leader
          const pid = 50 + n
          kin.push(
            processOf(pid, {
              parent: from.pid,
              group: leaves === "nothing" ? from.group : pid,
              session: leaves === "session" ? pid : from.session,
            }),
          )
        }
        const alive = kin
          .filter(({ pid }) => leaderLives || pid !== leader.pid)
          .map((one) => ({ ...one, parent: !leaderLives && one.parent === leader.pid ? 1 : one.parent }))
        const seen = new Map(kin.map(({ pid, started }) => [pid, started]))
        expect(pids(kinAmong(familyOf({ seen }), [...others, ...alive]))).toEqual(pids(alive))
        // Without having seen them: at least nobody else, and nobody who stayed in the session is missed.
        const found = pids(kinAmong(familyOf(), [...others, ...alive]))
        expect(found.filter((pid) => pid < 10)).toEqual([])
        expect(found).toEqual(
          expect.arrayContaining(pids(alive.filter(({ session }) => session === leader.pid))),
        )
      }),
    )
  })
})
