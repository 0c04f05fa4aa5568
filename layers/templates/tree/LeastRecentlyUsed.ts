/** Keeps what was asked for last, up to a weight; the newest entry stays, however heavy. */
export interface LeastRecentlyUsed<A> {
  readonly get: (key: string) => A | undefined
  readonly set: (key: string, value: A) => void
}

export const make = <A>(maxWeight: number, weigh: (value: A) => number): LeastRecentlyUsed<A> => {
  // A map keeps the order of insertion: the first key is the one that wasn't used for the longest time.
  const entries = new Map<string, { readonly value: A; readonly weight: number }>()
  let total = 0
  const remove = (key: string): void => {
    total -= entries.get(key)?.weight ?? 0
    entries.delete(key)
  }
  const set = (key: string, value: A): void => {
    remove(key)
    const weight = weigh(value)
    entries.set(key, { value, weight })
    total += weight
    for (const oldest of entries.keys()) {
      if (total <= maxWeight || oldest === key) return
      remove(oldest)
    }
  }
  const get = (key: string): A | undefined => {
    const found = entries.get(key)
    if (found === undefined) return undefined
    entries.delete(key)
    entries.set(key, found)
    return found.value
  }
  return { get, set }
}
