// Programs that tests try for real. Where one is missing, and this is root on a Debian-like system, it is
// installed; elsewhere the tests that need it say so. Quick when there is nothing to do.
import { spawnSync } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { env } from "node:process"

/** Programs, and the packages that have them. */
const packages = {
  bwrap: "bubblewrap",
  nginx: "nginx-light",
  rclone: "rclone",
  rsync: "rsync",
  sshd: "openssh-server",
  unzip: "unzip",
}

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isThere = (program) =>
  (env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)))

const apt = (...args) =>
  spawnSync("apt-get", args, {
    stdio: ["ignore", 2, 2],
    env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 300_000,
  }).status === 0

const install = (names) => apt("install", "-y", "-q", "--no-install-recommends", ...names)

const wanted = Object.entries(packages)
  .filter(([program]) => !isThere(program))
  .map(([, name]) => name)

if (wanted.length > 0 && process.getuid?.() === 0 && isThere("apt-get")) {
  console.error(`Installing ${wanted.join(", ")} …`)
  // The lists of a fresh machine are old, or not there at all.
  if (!install(wanted) && !(apt("update", "-q") && install(wanted))) {
    console.error(`Could not install ${wanted.join(", ")}: tests that need it will not run.`)
  }
}
