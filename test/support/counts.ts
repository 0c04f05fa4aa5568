const isFull = process.env["EXLAB_TEST_FULL"] === "true"

/** How much of something a test takes: `EXLAB_TEST_FULL=true` asks for all of it, which may take many minutes. */
export const counted = (usually: number, inFull: number): number => (isFull ? inFull : usually)
