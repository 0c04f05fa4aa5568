import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

const attempt = (change) => {
  try {
    change()
    return true
  } catch {
    return false
  }
}

const holderOf = (lock) => {
  try {
    return readdirSync(lock)[0] ?? null
  } catch {
    return null
  }
}

/**
 * Takes `lock`: a directory with one file, named after the process that holds it. It is renamed into place
 * ready made, and a dead holder's file is renamed to ours: of several takers exactly one succeeds.
 */
const take = (lock, me) => {
  const prepared = `${lock}.${me}`
  mkdirSync(prepared, { recursive: true })
  writeFileSync(join(prepared, me), "")
  if (attempt(() => renameSync(prepared, lock))) return true
  rmSync(prepared, { recursive: true, force: true })
  const holder = holderOf(lock)
  if (holder === null || isAlive(Number(holder))) return false
  return attempt(() => renameSync(join(lock, holder), join(lock, me)))
}

const release = (lock, me) => {
  rmSync(join(lock, me), { force: true })
  attempt(() => rmdirSync(lock))
}

/** Runs `work` while no other process does so under the same lock. A killed holder doesn't block anyone. */
export const withLock = async (lock, work) => {
  const me = String(process.pid)
  for (let tries = 1; !take(lock, me); tries++) {
    if (tries === 10) console.error(`Waiting for another set-up of this folder (process ${holderOf(lock)}) …`)
    await setTimeout(200)
  }
  const onExit = () => release(lock, me)
  process.once("exit", onExit)
  try {
    return await work()
  } finally {
    process.off("exit", onExit)
    release(lock, me)
  }
}
