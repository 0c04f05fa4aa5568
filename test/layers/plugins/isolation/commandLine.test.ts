import { expect, it } from "@effect/vitest"
import { Either, Option } from "effect"
import { describe } from "vitest"
import { commandLine, type Work } from "../../../../layers/plugins/isolation/commandLine.ts"
import { parseCeilings } from "../../../../layers/plugins/isolation/limits.ts"
import type { Machine } from "../../../../layers/plugins/isolation/Machine.ts"
import type { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"

const machine: Machine = {
  node: "/opt/node/bin/node",
  nodeMajor: 20,
  bwrap: Option.some("/usr/bin/bwrap"),
  prlimit: Option.some("/usr/bin/prlimit"),
  ceilings: {},
  searchPath: "/usr/bin",
  view: { readable: ["/usr", "/opt/node"], links: [["/usr/bin", "/bin"]] },
  isRoot: false,
}

const work: Work = {
  words: ["/stage/runner.mjs", "/stage/code/plugin.mjs"],
  stage: "/stage",
  tree: "/copies/p",
  env: { PATH: "/usr/bin", HOME: "/copies/p" },
  limits: { runtime: "node", memoryMb: 512, cpuSeconds: 1.5, threads: 300 },
  network: false,
}

const lineOf = (tier: IsolationTier, change: Partial<Work> = {}, on: Partial<Machine> = {}) =>
  Either.getOrThrow(commandLine(tier, { ...machine, ...on }, { ...work, ...change }))

const limits = [
  "/usr/bin/prlimit",
  "--data=536870912:536870912",
  "--cpu=2:3",
  "--nofile=256:256",
  "--fsize=1073741824:1073741824",
  "--nproc=300:300",
  "--core=0",
]

/** What follows a word, as often as it comes. */
const after = (line: ReadonlyArray<string>, word: string) =>
  line.flatMap((one, n) => (one === word ? [line[n + 1]] : []))

describe("command lines", () => {
  it("without isolation there are limits, in front of the program and its arguments", () => {
    const node = [...limits, "/opt/node/bin/node", "--max-old-space-size=416", ...work.words]
    expect(lineOf("none")).toEqual(node)
    const command = {
      words: ["/usr/bin/python3", "/stage/code/p.py"],
      limits: { ...work.limits, runtime: "command" },
    } as const
    expect(lineOf("none", command)).toEqual([...limits, ...command.words])
    expect(lineOf("none", command, { prlimit: Option.none() })).toEqual(command.words)
  })

  it("Node is given more memory than nothing: with less than its own it hangs", () => {
    for (const [runtime, least] of [
      ["node", 128],
      ["command", 64],
    ] as const) {
      const line = lineOf("none", { limits: { ...work.limits, runtime, memoryMb: 64 } })
      expect(line).toContain(`--data=${least * 1024 * 1024}:${least * 1024 * 1024}`)
    }
  })

  it("a limit of the service itself isn't raised", () => {
    const text = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            2                    seconds
Max file size             unlimited            unlimited            bytes
Max processes             96365                100                  processes
Max open files            64                   128                  files
Max data size             unlimited            unlimited            bytes
`
    const ceilings = parseCeilings(text)
    expect(ceilings).toEqual({ cpu: 2, nproc: 100, nofile: 128 })
    const line = lineOf("none", {}, { ceilings })
    expect(line.slice(2, 6)).toEqual(["--cpu=2:2", "--nofile=128:128", limits[4], "--nproc=100:100"])
    expect(parseCeilings("")).toEqual({})
  })

  it("the permission model grants two directories, by the flag that the version knows", () => {
    const grants = ["--allow-fs-read=/stage/", "--allow-fs-read=/copies/p/", "--allow-fs-write=/copies/p/"]
    for (const [nodeMajor, flag] of [
      [20, "--experimental-permission"],
      [22, "--experimental-permission"],
      [24, "--permission"],
      [26, "--permission"],
    ] as const) {
      const line = lineOf("permission", {}, { nodeMajor })
      const flags = line.slice(line.indexOf("/opt/node/bin/node") + 1, line.indexOf("/stage/runner.mjs"))
      expect(flags.filter((one) => one.includes("permission"))).toEqual([flag])
      expect(flags.filter((one) => one.startsWith("--allow"))).toEqual(grants)
    }
  })

  it("the network is granted where the permission model knows of it, and only when it is asked for", () => {
    const granted = (nodeMajor: number, network: boolean) =>
      lineOf("permission", { network }, { nodeMajor }).includes("--allow-net")
    expect([granted(24, true), granted(25, true), granted(25, false)]).toEqual([false, true, false])
  })

  it("a path that the permission model would take for a pattern is refused", () => {
    for (const change of [{ stage: "/a*" }, { tree: "/b/*/c" }]) {
      expect(Either.isLeft(commandLine("permission", machine, { ...work, ...change }))).toBe(true)
    }
  })

  it("a sandbox has no namespace, capability or variable of the outside, and dies with the service", () => {
    const line = lineOf("os")
    expect(line.slice(0, 2)).toEqual(["/usr/bin/bwrap", "--unshare-all"])
    for (const flag of ["--die-with-parent", "--new-session", "--clearenv"]) expect(line).toContain(flag)
    expect(after(line, "--cap-drop")).toEqual(["ALL"])
    expect(after(line, "--setenv")).toEqual(["PATH", "HOME"])
    expect(line.slice(line.indexOf("--") + 1)).toEqual(lineOf("none"))
  })

  it("a sandbox can write to the working copy and to memory of a size, nowhere else", () => {
    const line = lineOf("os")
    expect(after(line, "--bind")).toEqual(["/copies/p"])
    expect(after(line, "--ro-bind")).toEqual(["/stage"])
    expect(after(line, "--tmpfs")).toEqual(["/tmp", "/dev/shm"])
    expect(after(line, "--size")).toEqual(["67108864", "67108864"])
    expect(after(line, "--remount-ro")).toEqual(["/dev", "/"])
    expect(after(line, "--symlink")).toEqual(["/usr/bin"])
    expect(line.indexOf("--bind")).toBeGreaterThan(line.lastIndexOf("--ro-bind-try"))
    expect(line.indexOf("--remount-ro")).toBeGreaterThan(line.indexOf("--bind"))
    expect(after(line, "--chdir")).toEqual(["/copies/p"])
  })

  it("who the people of the machine are is no part of a sandbox, and the network only when it is asked for", () => {
    const [apart, connected] = [lineOf("os"), lineOf("os", { network: true })]
    expect(apart).not.toContain("--share-net")
    expect(connected).toContain("--share-net")
    expect(after(apart, "--ro-bind-try")).not.toContain("/etc/resolv.conf")
    expect(after(connected, "--ro-bind-try")).toContain("/etc/resolv.conf")
    for (const line of [apart, connected]) {
      const seen = after(line, "--ro-bind-try")
      expect(
        seen.filter((path) =>
          ["/", "/etc", "/home", "/root", "/etc/passwd", "/etc/ssl"].includes(path ?? ""),
        ),
      ).toEqual([])
    }
  })

  it("where bubblewrap isn't installed, that is said", () => {
    const tried = commandLine("os", { ...machine, bwrap: Option.none() }, work)
    expect(tried).toEqual(Either.left("bubblewrap (the program bwrap) isn't installed"))
  })
})
