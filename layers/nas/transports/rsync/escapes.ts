import { decodeName } from "../../../disk/nativePath.ts"

/** rsync prints a byte that it takes for unprintable as `\#` and three octal digits. */
export const unescaped = (name: string): string =>
  decodeName(
    Buffer.from(
      name.replaceAll(/\\#([0-3][0-7]{2})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
      "latin1",
    ),
  )

/** A name as a rule of `--include` says it: a backslash counts only where there is something to quote. */
export const inRule = (name: string): string =>
  /[*?[]/.test(name) ? name.replaceAll(/[*?[\]\\]/g, String.raw`\$&`) : name
