/**
 * The canary: tries everything that a plugin might try, and says what came through. It reads from standard
 * input what there is to try it on, as the service has prepared it.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"

/** @type {import("./canary.ts").Bait} */
const bait = JSON.parse(readFileSync(0, "utf8"))

/** @type {(port: number) => Promise<boolean>} */
const connects = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" })
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

/** @type {Record<import("./promises.ts").Escape, () => boolean | Promise<boolean>>} */
const attempts = {
  readsOutside: () => readFileSync(bait.secret, "utf8") !== "",
  writesOutside: () => writeFileSync(bait.target, "written") === undefined,
  readsThroughLink: () => readFileSync(bait.secretLink, "utf8") !== "",
  writesThroughLink: () => writeFileSync(bait.targetLink, "written") === undefined,
  readsEnvironment: () => readFileSync(`/proc/${bait.pid}/environ`, "latin1").includes("PATH="),
  connects: () => connects(bait.port),
  signals: () => process.kill(bait.pid, 0),
  startsPrograms: () => spawnSync(process.execPath, ["--version"]).status === 0,
}

const came = []
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    if (await attempt()) came.push(name)
  } catch {
    // That is how it should be.
  }
}
writeFileSync(1, `${JSON.stringify(came)}\n`)
