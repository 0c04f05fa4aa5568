import { Either } from "effect"

/** Node's permission model had another name before version 24. */
const flagOf = (nodeMajor: number): string => (nodeMajor >= 24 ? "--permission" : "--experimental-permission")

/** Where a worker may read, and where it may write as well: real paths of directories. */
export interface Grants {
  readonly stage: string
  readonly tree: string
  /** Before version 25 nobody has to ask for it. */
  readonly network: boolean
}

/**
 * Flags that let Node read two directories, write to one of them, and neither start programs and threads nor
 * load native code. Left: why that can't be said in flags: a `*` in a path would grant more than the path.
 */
export const permissionArguments = (
  nodeMajor: number,
  { network, stage, tree }: Grants,
): Either.Either<ReadonlyArray<string>, string> => {
  const unsayable = [stage, tree].find((path) => path.includes("*"))
  return unsayable === undefined
    ? Either.right([
        flagOf(nodeMajor),
        `--allow-fs-read=${stage}/`,
        `--allow-fs-read=${tree}/`,
        `--allow-fs-write=${tree}/`,
        ...(network && nodeMajor >= 25 ? ["--allow-net"] : []),
        "--disable-warning=ExperimentalWarning",
        "--disable-warning=SecurityWarning",
      ])
    : Either.left(`Node's permission model can't be told of a path with a * in it: ${unsayable}`)
}
