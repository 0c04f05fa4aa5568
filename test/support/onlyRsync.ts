import * as fs from "node:fs"
import { join } from "node:path"

/** An account that runs rsync as a server, and nothing else: lines for an sshd's configuration. */
export const onlyRsync = (folder: string): ReadonlyArray<string> => {
  const script = join(folder, "only-rsync")
  fs.writeFileSync(
    script,
    '#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in "rsync --server "*) exec $SSH_ORIGINAL_COMMAND;; esac\nexit 1\n',
    { mode: 0o755 },
  )
  return [`ForceCommand ${script}`]
}
