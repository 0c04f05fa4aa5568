import { Effect } from "effect"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { collecting, type Toolbox } from "../tools/Toolbox.ts"
import { scriptFailure } from "./failures.ts"
import { beginning } from "./scripts.ts"
import { bareHost, remoteCommand, sshOptions, type SshSettings } from "./ssh.ts"

/** Runs POSIX scripts on the other side, over a connection each. */
export interface RemoteShell {
  /** What the script printed; `args` are its `$1`, `$2`, …, whatever bytes they hold. */
  readonly run: (
    script: string,
    args: ReadonlyArray<string>,
    stdin?: Uint8Array,
  ) => Effect.Effect<Buffer, SyncFailure>
}

/** What a login script printed comes before the answer. */
const answerIn = (output: Buffer): Buffer => {
  const at = output.indexOf(beginning)
  return at === -1 ? Buffer.alloc(0) : output.subarray(at + beginning.length)
}

export const make = (settings: SshSettings, toolbox: Toolbox): RemoteShell => ({
  run: (script, args, stdin) =>
    Effect.gen(function* () {
      const words = [...sshOptions(settings), "--", bareHost(settings.host), remoteCommand(script, args)]
      const [output, outcome] = yield* collecting((onOutput) =>
        toolbox.run("ssh", words, { onOutput, ...(stdin === undefined ? {} : { stdin }) }),
      )
      if (outcome.end._tag === "Exited" && outcome.end.code === 0 && output.includes(beginning)) {
        return answerIn(output)
      }
      return yield* scriptFailure(outcome)
    }),
})
