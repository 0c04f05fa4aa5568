# Sourced by the scripts beside this folder: goes to the project's root and makes it ready.
# `setup deps` installs, `setup build` compiles; both are quick when there is nothing to do.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

for program in node npm; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "exlab-wizard needs Node.js 20.20 or newer with npm; there is no '$program' on the PATH." >&2
    exit 1
  fi
done

if ! node -e 'var v = process.versions.node.split(".").map(Number); process.exit(v[0] > 20 || (v[0] === 20 && v[1] >= 20) ? 0 : 1)'; then
  echo "exlab-wizard needs Node.js 20.20 or newer; this is $(node --version)." >&2
  exit 1
fi

setup() {
  node scripts/lib/setup.mjs "$@" </dev/null
}
