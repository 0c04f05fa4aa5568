/** rsync prints a byte that it takes for unprintable as `\#` and three octal digits. */
export const unescaped = (name: string): string =>
  Buffer.from(
    name.replaceAll(/\\#([0-3][0-7]{2})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    ),
    "latin1",
  ).toString()
