import { createHash } from "node:crypto"
import { Option } from "effect"
import { joinPath, metadataFolder } from "../../src/domain/Destination.ts"

/**
 * Names one running service, as the owner of what it has in staging areas. It begins with a mark of its
 * computer: whether a process of another one lives, nobody can tell.
 */
export type OwnerId = string

/** The owner of an area whose own record was damaged. */
export const unknownOwner: OwnerId = "unknown"

const owner = "unknown|[0-9a-f]{8}(?:-[0-9a-f]{4,12}){5}"
const wholeOwner = new RegExp(`^(?:${owner})$`)
const lockName = new RegExp(`^(${owner})\\.lock$`)
const passingName = new RegExp(`^\\.(?:claim|clear)-(${owner})-`)

const markOf = (host: string): string => createHash("sha256").update(host).digest("hex").slice(0, 8)

export const ownerId = (host: string, uuid: string): OwnerId => `${markOf(host)}-${uuid}`

export const isFrom = (host: string, id: OwnerId): boolean =>
  id === unknownOwner || id.startsWith(`${markOf(host)}-`)

const firstGroup = (pattern: RegExp, text: string): Option.Option<OwnerId> =>
  Option.fromNullable(pattern.exec(text)?.[1])

export const isOwnerId = (text: string): boolean => wholeOwner.test(text)

/** Holds a lock file for each running service. */
export const ownersFolder = (localRoot: string): string => joinPath(localRoot, metadataFolder, "owners")

export const ownerLock = (localRoot: string, id: OwnerId): string =>
  joinPath(ownersFolder(localRoot), `${id}.lock`)

export const ownerOfLock = (name: string): Option.Option<OwnerId> => firstGroup(lockName, name)

/** Where everything is that will become an entry of `parent`. */
export const stagingFolder = (parent: string): string => joinPath(parent, metadataFolder, "staging")

/** An area before it is renamed into its place. `claim` begins with its owner. */
export const draftName = (claim: string): string => `.claim-${claim}`

/** An area that is on its way out. `what` begins with the owner on whose behalf. */
export const trashName = (what: string): string => `.clear-${what}`

/** Whose a draft or trash is: no area has such a name, since no project and no run begins with a dot. */
export const ownerOfPassing = (name: string): Option.Option<OwnerId> => firstGroup(passingName, name)

export interface AreaPaths {
  readonly owner: string
  readonly tree: string
  readonly copies: string
}

export const areaPaths = (area: string): AreaPaths => ({
  owner: joinPath(area, "owner.json"),
  tree: joinPath(area, "tree"),
  copies: joinPath(area, "copies"),
})
