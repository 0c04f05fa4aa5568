import type { TransportSettings } from "../../../../src/domain/SyncSettings.ts"

export type SshSettings = Extract<TransportSettings, { readonly type: "rsync_ssh" }>

/** A value in ssh's configuration, which splits at blanks and knows `%` tokens. */
const configured = (path: string): string =>
  `"${path.replaceAll("%", "%%").replaceAll(/["\\]/g, String.raw`\$&`)}"`

const always = [
  "-T",
  "-oBatchMode=yes",
  "-oStrictHostKeyChecking=yes",
  "-oUpdateHostKeys=no",
  "-oConnectTimeout=20",
  "-oServerAliveInterval=15",
  "-oServerAliveCountMax=4",
  // A connection of somebody else's would outlive or end ours.
  "-oControlMaster=no",
  "-oControlPath=none",
  "-oClearAllForwardings=yes",
  "-oForwardAgent=no",
  "-oForwardX11=no",
  "-oPermitLocalCommand=no",
]

/** All of ssh's options: key only, nobody is asked, the host's key is known or the connection is refused. */
export const sshOptions = ({
  identityFile,
  knownHostsFile,
  port,
  user,
}: SshSettings): ReadonlyArray<string> => [
  ...always,
  `-oPort=${port}`,
  ...(user === null ? [] : [`-oUser=${user}`]),
  ...(knownHostsFile === null ? [] : [`-oUserKnownHostsFile=${configured(knownHostsFile)}`]),
  ...(identityFile === null ? [] : ["-oIdentitiesOnly=yes", `-oIdentityFile=${configured(identityFile)}`]),
]

/** The host for ssh, and in front of rsync's paths. */
export const bareHost = (host: string): string => host.replaceAll(/[[\]]/g, "")
export const rsyncHost = (host: string): string =>
  bareHost(host).includes(":") ? `[${bareHost(host)}]` : host

/** A word in rsync's `-e`: it splits at spaces and knows quotes, which are doubled inside quotes. */
const quoted = (word: string): string => `'${word.replaceAll("'", "''")}'`

/** What rsync starts to get to the other side. */
export const remoteShellOption = (words: ReadonlyArray<string>): string =>
  `--rsh=${words.map(quoted).join(" ")}`

/** What no login shell takes for anything but itself, inside single quotes: csh has its `!`, fish its `\`. */
const encoded = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[\w./-]/.test(char) ? char : `\\0${byte.toString(8).padStart(3, "0")}`
    })
    .join("")

/**
 * A command line for any login shell that runs a POSIX script with these arguments. Neither can be taken for
 * something else on the way: the script finds them decoded in `$1`, `$2`, ….
 */
export const remoteCommand = (script: string, args: ReadonlyArray<string>): string => {
  const decode = args
    .map((_, index) => `a${index}=$(printf '%bx' "$${index + 1}"); a${index}=\${a${index}%x}`)
    .join("\n")
  const set = `set -- ${args.map((_, index) => `"$a${index}"`).join(" ")}`
  const whole = args.length === 0 ? script : `${decode}\n${set}\n${script}`
  return `exec sh -c 'eval "$(printf %b "$0")"' ${[whole, ...args].map((word) => `'${encoded(word)}'`).join(" ")}`
}
