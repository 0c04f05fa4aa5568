/** How many characters `work` reads through the searching methods of strings. No other method is seen. */
export const countReads = (work: () => void): number => {
  const { indexOf, charCodeAt } = String.prototype
  let reads = 0
  Object.assign(String.prototype, {
    indexOf(this: string, what: string, from = 0): number {
      const found = indexOf.call(this, what, from)
      const end = found === -1 ? this.length : found + what.length
      reads += Math.max(1, end - Math.min(from, this.length))
      return found
    },
    charCodeAt(this: string, at: number): number {
      reads += 1
      return charCodeAt.call(this, at)
    },
  })
  try {
    work()
    return reads
  } finally {
    Object.assign(String.prototype, { indexOf, charCodeAt })
  }
}
