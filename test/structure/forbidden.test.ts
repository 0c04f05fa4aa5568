import { describe, expect, it } from "vitest"
import { occurrences, sourceFiles } from "./source.ts"

interface Ban {
  readonly what: string
  readonly pattern: RegExp
  readonly folders: ReadonlyArray<string>
  /** Files that may, each with its reason beside it. */
  readonly except?: ReadonlyArray<string>
  /** Code that the ban must see, and code that it must leave alone. */
  readonly sees: ReadonlyArray<string>
  readonly spares: ReadonlyArray<string>
}

const service = ["src", "layers"]

const bans: ReadonlyArray<Ban> = [
  {
    what: "an Effect is run by its caller or by an entry point, nowhere between",
    pattern: /\brun(?:Promise|Sync|Fork|Callback)(?:Exit)?\b|\brunMain\b/,
    folders: service,
    // The second is loaded by the first, which listens to signals before.
    except: ["layers/main.cts", "layers/cli/program.ts"],
    sees: ["Effect.runSync(x)", "Runtime.runFork(runtime)", "runPromiseExit(x)", "NodeRuntime.runMain(x)"],
    spares: ["FiberMap.run(fibers, key)", "Stream.runHead(events)", "state.runKind"],
  },
  {
    what: "types are not talked around",
    pattern: /\bas any\b|:\s*any\b|<any\b|@ts-(?:ignore|expect-error|nocheck)/,
    folders: service,
    sees: ["x as any", "(x: any) =>", "Array<any>"],
    spares: ["company: many", "as anything"],
  },
  {
    what: "a double cast says that the types are wrong",
    pattern: /\bas unknown as\b/,
    folders: service,
    // Renaming keys in a type and in a value at once is beyond what TypeScript can follow.
    except: ["src/domain/wire.ts"],
    sees: ["x as unknown as Y"],
    spares: ["x as unknown"],
  },
  {
    what: "failures are values: nothing throws or catches",
    pattern: /\bthrow\s|\btry\s*\{|\bcatch\s*\(/,
    folders: service,
    // They run around a plugin's own code, which throws, or in its place: in a process without Effect.
    except: [
      "layers/plugins/isolation/escape.mjs",
      "layers/plugins/worker/plugin.mjs",
      "layers/plugins/worker/runner.mjs",
      "layers/plugins/worker/testPlugin.mjs",
    ],
    sees: ["throw new Error()", "try { x() }", "} catch (error) {"],
    spares: ["Effect.try({ try: () => 1 })", "Effect.catchTag(x)"],
  },
  {
    what: "time and chance come from the Clock and Random services",
    pattern: /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\bset(?:Timeout|Interval|Immediate)\(/,
    folders: service,
    sees: ["Date.now()", "new Date()", "Math.random()", "setTimeout(f, 1)"],
    spares: ["Clock.currentTimeMillis", "DateTime.now"],
  },
  {
    what: "messages go to the logger",
    pattern: /\bconsole\.|\bConsole\.\w/,
    folders: service,
    // What the parser of the command line says goes through the Console.
    except: ["layers/cli/colours.ts"],
    sees: ["console.log(x)"],
    spares: ['"console"'],
  },
  {
    what: "defects are caught where fibers are forked, nowhere else",
    pattern: /\b[A-Z]\w*\.(?:catchAllCause|catchAllDefect|sandbox)\b/,
    folders: service,
    // A session's own fiber, the loop that cleans up behind them, a request's, the stream that it ends with, and
    // the loops that drive the sync and the audit.
    except: [
      "layers/nas/sync/Workers.ts",
      "src/controller/CreationController.ts",
      "src/controller/housekeeping.ts",
      "layers/http/boundary.ts",
      "layers/http/eventFrames.ts",
      "src/audit/ProblemWatch.ts",
    ],
    sees: ["Effect.catchAllCause(f)"],
    spares: ["Effect.catchAll(f)"],
  },
  {
    what: "src runs wherever Effect runs: no global of Node",
    pattern: /\bprocess\.\w|\bBuffer\b|\brequire\(|\b__dirname\b/,
    folders: ["src"],
    sees: ["process.env", "Buffer.from(x)"],
    spares: ["processed.length"],
  },
  {
    what: "every test runs",
    pattern: /\b(?:it|test|describe)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/,
    folders: ["test"],
    except: ["test/structure/forbidden.test.ts"],
    sees: ["it.effect.only(x)", "describe.skip(x)", "it.todo(x)"],
    spares: ["Stream.skip(1)", "it.skipIf(windows)"],
  },
  {
    what: "doors for those who embed the service, no other file passes things on",
    pattern: /^export (?:\*|(?:type )?\{[^}]*\}) (?:as \w+ )?from /,
    folders: service,
    except: ["src/index.ts", "src/Client.ts", "layers/index.ts", "layers/Testing.ts"],
    sees: ['export * from "./a.ts"', 'export * as A from "./a.ts"', 'export { a } from "./a.ts"'],
    spares: ["export { a }"],
  },
]

describe("forbidden", () => {
  it.each(bans)("$what", ({ pattern, folders, except = [] }) => {
    const found = folders
      .flatMap(sourceFiles)
      .filter((file) => !except.includes(file.path))
      .flatMap((file) => occurrences(file, pattern))
    expect(found).toEqual([])
  })

  it.each(bans)("$what: the pattern itself", ({ pattern, sees, spares }) => {
    const hits = (code: string) => occurrences({ path: "sample.ts", text: code }, pattern).length
    expect(sees.filter((code) => hits(code) !== 1)).toEqual([])
    expect(spares.filter((code) => hits(code) !== 0)).toEqual([])
  })

  it("comments may name what the code may not use", () => {
    const text = "/** throw\n * throw */\nconst a = 1 // throw it\nconst b = `http://throw`\nthrow a"
    expect(occurrences({ path: "sample.ts", text }, /throw\s/)).toEqual(["sample.ts:5  throw a"])
  })
})
