import { decodeName } from "../../../disk/nativePath.ts"

const line = /^\\?([0-9a-f]{64}) [ *](.*)$/

/** What `sha256sum` printed about files, by their names. For names without backslashes and line breaks. */
export const digestsByName = (output: Buffer): ReadonlyMap<string, string> =>
  new Map(
    decodeName(output)
      .split("\n")
      .flatMap((one) => {
        const [, digest, name] = line.exec(one) ?? []
        return digest === undefined || name === undefined
          ? []
          : [[name.replace(/^\.\//, ""), digest] as const]
      }),
  )

/** What it printed about one file after the other, `-` for none; the names are ours. */
export const digestsInOrderOf = (
  paths: ReadonlyArray<string>,
  output: Buffer,
): ReadonlyArray<readonly [string, string]> => {
  const lines = output.toString().split("\n")
  return paths.flatMap((path, index) => {
    const digest = line.exec(lines[index] ?? "")?.[1]
    return digest === undefined ? [] : [[path, digest] as const]
  })
}

/** Names that `sha256sum` prints in some other way, or that not every one does. */
export const isOdd = (path: string): boolean => /[\n\r\\]/.test(path)
