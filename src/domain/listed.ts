const most = 5

/** The first few of many, for a sentence. */
export const listed = (names: ReadonlyArray<string>): string =>
  names.length <= most
    ? names.join(", ")
    : `${names.slice(0, most).join(", ")} and ${names.length - most} more`
