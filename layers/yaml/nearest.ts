/** Letters to add, drop or change to make one word the other. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column < row.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (other[column - 1] === letter ? 0 : 1)
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

const maxLength = 64

/** The known word that was probably meant: it differs by a third of its letters at most. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  if (word.length > maxLength) return undefined
  const [best] = known
    .map((name) => ({ name, far: distance(word.toLowerCase(), name) }))
    .filter(({ far, name }) => far * 3 <= name.length)
    .toSorted((a, b) => a.far - b.far)
  return best?.name
}
