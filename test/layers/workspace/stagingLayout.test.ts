import { expect, it } from "@effect/vitest"
import { FastCheck as fc, Option } from "effect"
import {
  draftName,
  isFrom,
  isOwnerId,
  ownerId,
  ownerLock,
  ownerOfLock,
  ownerOfPassing,
  trashName,
  unknownOwner,
} from "../../../layers/workspace/stagingLayout.ts"
import { leafName } from "../../../src/domain/Destination.ts"

const host = fc.fullUnicodeString()
const owner = fc.tuple(host, fc.uuid()).map(([name, uuid]) => ownerId(name, uuid))

it("names of passing areas and of lock files lead back to their owner", () => {
  const leads = fc.property(owner, fc.stringMatching(/^[0-9a-z]+$/), (id, token) => {
    expect(isOwnerId(id)).toBe(true)
    expect(ownerOfPassing(draftName(`${id}-${token}`))).toEqual(Option.some(id))
    expect(ownerOfPassing(trashName(`${id}-${token}`))).toEqual(Option.some(id))
    expect(ownerOfLock(leafName(ownerLock("/root", id)))).toEqual(Option.some(id))
  })
  fc.assert(leads)
})

it("an owner is from one computer", () => {
  const isSo = fc.property(host, host, fc.uuid(), (one, other, uuid) => {
    expect(isFrom(one, ownerId(one, uuid))).toBe(true)
    expect(isFrom(other, ownerId(one, uuid))).toBe(one === other)
  })
  fc.assert(isSo)
  expect(isFrom("any", unknownOwner)).toBe(true)
})

it.each(["..", "../x", "unknown/..", "", "a", "00000000-0000-0000-0000-000000000000\n", "unknown2"])(
  "%j is no owner, whatever a record says",
  (id) => {
    expect(isOwnerId(id)).toBe(false)
    expect(ownerOfLock(`${id}.lock`)).toEqual(Option.none())
    expect(ownerOfPassing(`.claim-${id}-1`)).toEqual(Option.none())
  },
)

it.each(["Run_2026", "PROJ-0042", ".DS_Store", ".clear-", ".claim-unknown", "owner.json"])(
  "%j is not an area on its way",
  (name) => {
    expect(ownerOfPassing(name)).toEqual(Option.none())
  },
)
