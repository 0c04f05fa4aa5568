/** What of the machine a worker may read. */
export interface SystemView {
  /** Folders and files; those that aren't there are left out. */
  readonly readable: ReadonlyArray<string>
  /** Links that stand for folders of old: where they lead, and their own path. */
  readonly links: ReadonlyArray<readonly [target: string, path: string]>
}

/** A worker's world. Paths inside are the paths outside, so that messages make sense. */
export interface Sandbox {
  readonly view: SystemView
  /** The plugin's code. */
  readonly stage: string
  /** The only place that can be written to and stays. */
  readonly tree: string
  readonly network: boolean
  readonly env: Readonly<Record<string, string>>
}

/** Settings of the machine that programs can't do without, none of which says anything about people. */
const settings = [
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/alternatives",
  "/etc/localtime",
  "/etc/fonts",
]

const networkSettings = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/host.conf",
  "/etc/gai.conf",
  "/etc/services",
  "/etc/ca-certificates",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/pki/tls/certs",
  "/etc/pki/ca-trust/extracted",
]

/** Bytes of a temporary folder: they are memory that no limit of a process counts. */
const scratchBytes = 64 * 1024 * 1024

const readOnly = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.flatMap((path) => ["--ro-bind-try", path, path])

const scratch = (path: string): ReadonlyArray<string> => ["--size", String(scratchBytes), "--tmpfs", path]

/**
 * `bwrap(1)` in front of a command. What comes later lies on top of what came before; the root and `/dev`
 * are memory too, so they are closed to writers in the end. A SIGTERM ends bwrap, and with it at once all
 * that runs inside: a worker in a sandbox has no time to tidy up.
 */
export const sandboxArguments = (bwrap: string, sandbox: Sandbox): ReadonlyArray<string> => [
  bwrap,
  "--unshare-all",
  ...(sandbox.network ? ["--share-net"] : []),
  "--die-with-parent",
  "--new-session",
  "--clearenv",
  ...["--cap-drop", "ALL"],
  ...Object.entries(sandbox.env).flatMap(([name, value]) => ["--setenv", name, value]),
  ...readOnly([...settings, ...(sandbox.network ? networkSettings : [])]),
  ...sandbox.view.links.flatMap(([target, path]) => ["--symlink", target, path]),
  ...["--proc", "/proc", "--dev", "/dev"],
  ...["/tmp", "/dev/shm"].flatMap(scratch),
  ...readOnly(sandbox.view.readable),
  ...["--ro-bind", sandbox.stage, sandbox.stage],
  ...["--bind", sandbox.tree, sandbox.tree],
  ...["--remount-ro", "/dev", "--remount-ro", "/"],
  ...["--chdir", sandbox.tree],
  "--",
]
