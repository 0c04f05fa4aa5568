import * as fs from "node:fs"
import { join } from "node:path"
import { expect } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Logger, TestClock } from "effect"
import { describe } from "vitest"
import { Action, atOperation, DiskFaults, sweep } from "../../../support/FaultDisk.ts"
import { makePipe } from "../../disk/support.ts"
import {
  aheadOfFiles,
  commandManifest,
  look,
  namesOf,
  nodeManifest,
  nodePlugin,
  put,
  reasonsOf,
  registryOf,
  withRoots,
} from "./support.ts"

describe("a registry of plugins", () => {
  withRoots("finds the plugins of both roots, by name, and no files or hidden folders", ({ bundled, lab }) =>
    Effect.gen(function* () {
      nodePlugin(bundled, "hello", "matches: [.txt]\n")
      nodePlugin(lab, "zeta")
      nodePlugin(lab, ".hidden")
      put(lab, {
        "README.md": "about",
        "alpha/manifest.yaml": commandManifest("alpha", ["python3", "-u", "alpha.py", "--level", "../x"]),
        "alpha/alpha.py": "print()",
      })
      makePipe(join(lab, "pipe"))
      const { excluded, plugins, replaced } = yield* look({ bundled, lab })
      expect([excluded, replaced]).toEqual([[], []])
      expect(plugins.map(({ directory, manifest, source }) => [manifest.name, directory, source])).toEqual([
        ["alpha", join(lab, "alpha"), "lab"],
        ["hello", join(bundled, "hello"), "bundled"],
        ["zeta", join(lab, "zeta"), "lab"],
      ])
      expect(plugins[1]?.manifest.matches).toEqual([".txt"])
    }),
  )

  withRoots("reads no code, and of manifests only what may be one", ({ bundled, lab }) =>
    Effect.gen(function* () {
      nodePlugin(lab, "a")
      put(lab, { "b/manifest.yaml": "x".repeat(70_000), "c/manifest.yaml": { link: "../a/manifest.yaml" } })
      const faults = yield* DiskFaults
      yield* faults.arm(() => Action.Pass())
      yield* look({ bundled, lab })
      const read = (yield* faults.disarm).filter(({ name }) => !["lstat", "list", "realPath"].includes(name))
      expect(read.map(({ name, paths }) => [name, ...paths])).toEqual([
        ["readFile", join(lab, "a/manifest.yaml")],
        ["readFile", join(lab, "b/manifest.yaml")],
      ])
    }),
  )

  withRoots("says why a folder is left out, and goes on with the others", ({ bundled, lab }) =>
    Effect.gen(function* () {
      nodePlugin(lab, "good")
      put(lab, {
        "none/readme.txt": "",
        "link/manifest.yaml": { link: "../good/manifest.yaml" },
        "huge/manifest.yaml": `${nodeManifest("huge")}# ${"x".repeat(1024 * 1024)}`,
        "dir/manifest.yaml/x": "",
        "syntax/manifest.yaml": "name: [",
        "other/manifest.yaml": nodeManifest("another"),
        "other/plugin.mjs": "",
        "net/manifest.yaml": nodeManifest("net", "isolation: { network: true }\n"),
        "net/plugin.mjs": "",
        "globs/manifest.yaml": nodeManifest("globs", 'matches:\n  - .csv\n  - "../*"\n'),
        "globs/plugin.mjs": "",
        away: { link: "/" },
        loop: { link: "loop" },
        "a b/manifest.yaml": nodeManifest("a b"),
      })
      fs.mkdirSync(join(lab, "fifo"))
      makePipe(join(lab, "fifo/manifest.yaml"))
      fs.mkdirSync(join(lab, "bytes"))
      fs.writeFileSync(join(lab, "bytes/manifest.yaml"), Buffer.of(0x6e, 0xff))
      fs.mkdirSync(Buffer.concat([Buffer.from(`${lab}/odd\u001b`), Buffer.of(0xff)]))
      const catalog = yield* look({ bundled, lab })
      expect(namesOf(catalog)).toEqual(["good"])
      expect(reasonsOf(catalog)).toEqual({
        "a b": [expect.stringContaining("manifest.yaml:1 name must be")],
        away: ["is a link, which isn't followed: put the plugin's own folder here"],
        bytes: ["manifest.yaml is not UTF-8 text"],
        dir: ["manifest.yaml is not a file"],
        fifo: ["manifest.yaml is not a file"],
        globs: ["manifest.yaml:8 matches: ../* must be a relative path, without .."],
        huge: ["manifest.yaml is larger than 64 KiB"],
        link: ["manifest.yaml is a link, which isn't followed"],
        loop: ["is a link, which isn't followed: put the plugin's own folder here"],
        net: ["manifest.yaml:6 asks for the network, which the setting plugins.allow_network doesn't allow"],
        none: ["manifest.yaml is not there"],
        "odd\ufffd\ufffd": ["manifest.yaml is not there"],
        other: ["manifest.yaml:1 the name is another, but the folder's is other: they must be the same"],
        syntax: [expect.stringMatching(/^manifest\.yaml:\d+ /)],
      })
    }),
  )

  withRoots(
    "takes plugins that ask for the network where the settings allow it",
    ({ bundled, lab }) =>
      Effect.gen(function* () {
        nodePlugin(lab, "net", "isolation: { network: true }\n")
        expect(namesOf(yield* look({ bundled, lab }))).toEqual(["net"])
      }),
    { allowNetwork: true },
  )

  withRoots("takes only code that lies in the plugin's folder", ({ bundled, lab }) =>
    Effect.gen(function* () {
      nodePlugin(lab, "near")
      const node = (name: string, entry: string) => nodeManifest(name).replace("plugin.mjs", entry)
      put(lab, {
        "inner/manifest.yaml": node("inner", "./src/../src/x.mjs"),
        "dot/manifest.yaml": node("dot", "./src/x.mjs"),
        "dot/src/x.mjs": "",
        "up/manifest.yaml": node("up", "../near/plugin.mjs"),
        "absolute/manifest.yaml": node("absolute", join(lab, "absolute/x.mjs")),
        "absolute/x.mjs": "",
        "gone/manifest.yaml": node("gone", "x.mjs"),
        "folder/manifest.yaml": node("folder", "src"),
        "folder/src": null,
        "out/manifest.yaml": node("out", "x.mjs"),
        "out/x.mjs": { link: "../near/plugin.mjs" },
        "within/manifest.yaml": node("within", "x.mjs"),
        "within/x.mjs": { link: "y.mjs" },
        "within/y.mjs": "",
        "through/manifest.yaml": node("through", "src/plugin.mjs"),
        "through/src": { link: "../near" },
        "nul/manifest.yaml": node("nul", '"a\\u0001b"'),
      })
      const catalog = yield* look({ bundled, lab })
      expect(namesOf(catalog)).toEqual(["dot", "near", "within"])
      const must = (path: string) => [
        `manifest.yaml:5 entry: ${path} must be a file in the plugin's folder, without ..`,
      ]
      expect(reasonsOf(catalog)).toEqual({
        absolute: must(join(lab, "absolute/x.mjs")),
        folder: ["manifest.yaml:5 entry: src is not a file"],
        gone: ["manifest.yaml:5 entry: x.mjs is not there"],
        inner: must("./src/../src/x.mjs"),
        nul: must("a\ufffdb"),
        out: ["manifest.yaml:5 entry: x.mjs is a link that leads out of the plugin's folder"],
        through: ["manifest.yaml:5 entry: src/plugin.mjs is a link that leads out of the plugin's folder"],
        up: must("../near/plugin.mjs"),
      })
    }),
  )

  withRoots("takes a command whose words that name files name the plugin's own", ({ bundled, lab }) =>
    Effect.gen(function* () {
      const command = (name: string, ...words: ReadonlyArray<string>) => ({
        [`${name}/manifest.yaml`]: commandManifest(name, words),
      })
      put(lab, {
        ...command("plain", "python3", "-c", "x".repeat(5000), "a\u0000b", "/etc/hostname"),
        ...command("own", "./run.sh", "."),
        "own/run.sh": { program: "#!/bin/sh" },
        ...command("bare", "run.sh"),
        "bare/run.sh": { program: "#!/bin/sh" },
        ...command("deaf", "bin/run"),
        "deaf/bin/run": "",
        ...command("barely", "run.sh"),
        "barely/run.sh": "",
        ...command("gone", "./run.sh"),
        ...command("up", "sh", "../own/run.sh"),
        ...command("parent", "sh", ".."),
        ...command("leap", "../own/run.sh"),
        ...command("linked", "sh", "x"),
        "linked/x": { link: "/etc/hostname" },
        ...command("nowhere", "sh", "x"),
        "nowhere/x": { link: "y" },
        ...command("long", "sh", ...Array.from({ length: 100 }, () => "x")),
      })
      const catalog = yield* look({ bundled, lab })
      expect(namesOf(catalog)).toEqual(["bare", "own"])
      expect(reasonsOf(catalog)).toEqual({
        barely: ["manifest.yaml:5 command: run.sh is not executable (chmod +x)"],
        deaf: ["manifest.yaml:5 command: bin/run is not executable (chmod +x)"],
        gone: ["manifest.yaml:5 command: ./run.sh is not there"],
        leap: ["manifest.yaml:5 command: ../own/run.sh must be a file in the plugin's folder, without .."],
        linked: ["manifest.yaml:5 command: x leads out of the plugin's folder"],
        long: ["manifest.yaml:5 command: has more than 100 words"],
        nowhere: ["manifest.yaml:5 command: x is a link that leads nowhere"],
        parent: ["manifest.yaml:5 command: .. leads out of the plugin's folder"],
        plain: [expect.stringContaining("contains a NUL character")],
        up: ["manifest.yaml:5 command: ../own/run.sh leads out of the plugin's folder"],
      })
    }),
  )

  withRoots("takes a lab's plugin for the bundled one of its name, if it can be used", ({ bundled, lab }) =>
    Effect.gen(function* () {
      for (const name of ["a", "b", "c", "d"]) nodePlugin(bundled, name)
      put(bundled, { "e/manifest.yaml": "broken" })
      nodePlugin(lab, "b")
      nodePlugin(lab, "C")
      nodePlugin(lab, "e")
      put(lab, { "d/manifest.yaml": "broken" })
      const catalog = yield* look({ bundled, lab })
      expect(catalog.plugins.map(({ manifest, source }) => `${manifest.name} ${source}`)).toEqual([
        "a bundled",
        "b lab",
        "c bundled",
        "d bundled",
        "e lab",
      ])
      expect(catalog.replaced.map(({ directory }) => directory)).toEqual([join(bundled, "b")])
      expect(catalog.excluded.map(({ directory, source }) => [directory, source])).toEqual([
        [join(lab, "C"), "lab"],
        [join(lab, "d"), "lab"],
        [join(bundled, "e"), "bundled"],
      ])
      expect(reasonsOf(catalog)).toMatchObject({
        C: ["has the name of the bundled plugin c but for its case: spell it the same, or rename it"],
        d: [expect.any(String), "the bundled plugin of this name is used instead"],
      })
    }),
  )

  withRoots("takes none of two whose names are one where case doesn't count", ({ bundled, lab }) =>
    Effect.gen(function* () {
      for (const name of ["Same", "same", "other"]) nodePlugin(lab, name)
      // The same letters in two normal forms: no plugin can have that name.
      for (const name of ["e\u0301", "\u00e9"]) nodePlugin(lab, name)
      nodePlugin(bundled, "same")
      const catalog = yield* look({ bundled, lab })
      expect(catalog.plugins.map(({ manifest, source }) => `${manifest.name} ${source}`)).toEqual([
        "other lab",
        "same bundled",
      ])
      expect(reasonsOf(catalog)).toMatchObject({
        Same: [`has the name of ${join(lab, "same")}, where case doesn't count`],
        same: [
          `has the name of ${join(lab, "Same")}, where case doesn't count`,
          "the bundled plugin of this name is used instead",
        ],
        "e\u0301": [expect.stringContaining("name must be")],
        "\u00e9": [expect.stringContaining("name must be")],
      })
    }),
  )

  withRoots(
    "a root that isn't there is empty when it is ours, and told when it is the lab's",
    ({ bundled, lab }) =>
      Effect.gen(function* () {
        fs.rmdirSync(bundled)
        fs.rmdirSync(lab)
        const nothing = yield* look({ bundled, lab })
        expect(nothing.plugins).toEqual([])
        expect(nothing.excluded).toEqual([
          {
            name: "lab",
            directory: lab,
            source: "lab",
            reasons: [expect.stringContaining("the folder of plugins can't be read")],
          },
        ])
        put(lab, { ".": null })
        fs.rmdirSync(lab)
        fs.writeFileSync(lab, "")
        expect(reasonsOf(yield* look({ bundled, lab }))).toMatchObject({
          lab: [expect.stringContaining("ENOTDIR")],
        })
      }),
  )

  withRoots("a root may itself be a link", ({ bundled, lab }) =>
    Effect.gen(function* () {
      nodePlugin(bundled, "a")
      fs.rmdirSync(lab)
      fs.symlinkSync("bundled", lab)
      const { plugins } = yield* look({ bundled: `${bundled}-none`, lab })
      expect(plugins.map(({ directory }) => directory)).toEqual([join(bundled, "a")])
    }),
  )
})

describe("a registry of plugins over time", () => {
  withRoots(
    "looks again after five seconds, and reads only manifests that may have changed",
    (roots) =>
      Effect.gen(function* () {
        // The files are older than the clock of the test by what it takes to trust a stamp.
        yield* aheadOfFiles(60_000)
        const { catalog } = yield* registryOf(roots)
        nodePlugin(roots.lab, "a")
        nodePlugin(roots.lab, "b")
        const faults = yield* DiskFaults
        yield* faults.arm(() => Action.Pass())
        expect(namesOf(yield* catalog)).toEqual(["a", "b"])
        fs.rmSync(join(roots.lab, "b"), { recursive: true })
        yield* TestClock.adjust(Duration.millis(4999))
        expect(namesOf(yield* catalog)).toEqual(["a", "b"])
        yield* TestClock.adjust(Duration.millis(1))
        expect(namesOf(yield* catalog)).toEqual(["a"])
        const reads = (yield* faults.disarm).filter(({ name }) => name === "readFile")
        expect(reads.map(({ paths }) => paths[0])).toEqual([
          join(roots.lab, "a/manifest.yaml"),
          join(roots.lab, "b/manifest.yaml"),
        ])
        fs.writeFileSync(join(roots.lab, "a/manifest.yaml"), "broken")
        yield* TestClock.adjust(Duration.seconds(5))
        expect(namesOf(yield* catalog)).toEqual([])
      }),
    { live: false },
  )

  withRoots(
    "doesn't trust the stamp of a manifest that was written a moment ago",
    (roots) =>
      Effect.gen(function* () {
        yield* aheadOfFiles(0)
        const { catalog } = yield* registryOf(roots)
        nodePlugin(roots.lab, "a")
        const faults = yield* DiskFaults
        yield* catalog
        yield* TestClock.adjust(Duration.seconds(5))
        yield* faults.arm(() => Action.Pass())
        yield* catalog
        expect((yield* faults.disarm).map(({ name }) => name)).toContain("readFile")
      }),
    { live: false },
  )

  withRoots(
    "says once that a lab's plugin replaces a bundled one, and again when it comes back",
    (roots) =>
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const logger = Logger.make(({ message }) => void lines.push(message))
        const { catalog } = yield* registryOf(roots)
        nodePlugin(roots.bundled, "a")
        nodePlugin(roots.lab, "a")
        const lookAgain = Effect.zipRight(TestClock.adjust(Duration.seconds(5)), catalog).pipe(
          Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        )
        const told = ["the lab's plugin a replaces the bundled one", { directory: join(roots.lab, "a") }]
        yield* lookAgain
        yield* lookAgain
        expect(lines).toEqual([told])
        fs.renameSync(join(roots.lab, "a"), join(roots.lab, ".a"))
        yield* lookAgain
        fs.renameSync(join(roots.lab, ".a"), join(roots.lab, "a"))
        yield* lookAgain
        expect(lines).toEqual([told, told])
      }),
    { live: false },
  )

  withRoots("one look serves all who ask meanwhile, also when the one who looks is interrupted", (roots) =>
    Effect.gen(function* () {
      nodePlugin(roots.lab, "a")
      const { catalog } = yield* registryOf(roots)
      const faults = yield* DiskFaults
      const reached = yield* Deferred.make<void>()
      const held = Action.RunBefore({
        effect: Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never),
      })
      yield* faults.arm(atOperation(3, held))
      const first = yield* Effect.fork(catalog)
      yield* Deferred.await(reached)
      const others = yield* Effect.forkAll(Array.from({ length: 50 }, () => catalog))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      const found = yield* Fiber.join(others)
      expect(found.map(namesOf)).toEqual(found.map(() => ["a"]))
      const lists = (yield* faults.disarm).filter(({ name }) => name === "list")
      expect(lists.length).toBeLessThanOrEqual(4)
    }),
  )

  withRoots(
    "whatever operation fails or is interrupted, it finds the rest, and everything the next time",
    (roots) =>
      Effect.gen(function* () {
        nodePlugin(roots.bundled, "a")
        nodePlugin(roots.bundled, "b")
        nodePlugin(roots.lab, "b")
        put(join(roots.lab, "c"), { "manifest.yaml": commandManifest("c", ["sh", "c.sh"]), "c.sh": "" })
        const whole = yield* look(roots)
        expect(namesOf(whole)).toEqual(["a", "b", "c"])
        yield* sweep(
          Effect.flatMap(registryOf(roots), ({ catalog }) => Effect.onExit(catalog, () => Effect.void)),
          ({ how, operation }, exit) =>
            Effect.gen(function* () {
              const where = `${how} ${operation.name} ${operation.paths.join(" ")}`
              if (Exit.isFailure(exit)) expect([where, Exit.isInterrupted(exit)]).toEqual([where, true])
              else if (how === "fails before") {
                const { excluded, plugins } = exit.value
                expect([where, excluded.length]).toEqual([where, 1])
                expect([where, plugins.length]).not.toEqual([where, 0])
              }
              expect(yield* look(roots)).toEqual(whole)
            }),
        )
      }),
  )
})
