import { markerName } from "../places.ts"
import { signOfLife } from "../tools/words.ts"

/** What a script prints before its answer: noise of a login script comes before it. */
export const beginning = "\u0001exlab-answer\u0001"

/** Exit codes of scripts that say something. */
export const scriptExit = { noTarget: 70, inTheWay: 71 } as const

const answering = `
set -u
LC_ALL=C; export LC_ALL
printf '\\001exlab-answer\\001'
`

/** `$1` is the target's root. */
const atRoot = `${answering}
cd -- "$1" 2>/dev/null || exit ${scriptExit.noTarget}
`

const atMarkedRoot = `${atRoot}
[ -f ./${markerName} ] || exit ${scriptExit.noTarget}
`

const opened = (path: string): string => `[ -L ${path} ] || chmod -R u+rwX ${path}`
const removeEach = `rm -rf -- "$@" 2>/dev/null || { for f do ${opened('"$f"')}; done; rm -rf -- "$@" || exit 255; }`

/** Says every `$2` seconds that it lives, for at most a day; its pauses hold no pipe open. */
const alive = `
( n=0; while [ $((n * $2)) -lt 86400 ] && sleep "$2" </dev/null >/dev/null 2>&1 && echo ${signOfLife} >&2; do n=$((n + 1)); done ) </dev/null >/dev/null &
alive=$!
trap 'kill $alive 2>/dev/null' EXIT
`

/** Prints the marker, if there is one; a root that is there and can't be entered isn't one without a marker. */
export const readMarker = `${answering}
[ -e "$1" ] || [ -L "$1" ] || exit 0
cd -- "$1" 2>/dev/null || exit ${scriptExit.noTarget}
[ -e ./${markerName} ] || [ -L ./${markerName} ] || exit 0
cat ./${markerName}
`

/** Reads the marker's text. */
export const writeMarker = `
mkdir -p -- "$1" || exit 1
${atRoot}
cat > ./${markerName}.new && { sync ./${markerName}.new 2>/dev/null; mv -f ./${markerName}.new ./${markerName}; }
`

/** `$2` is the place. Prints `y` or `n`. */
export const exists = `${atRoot}
if [ -e "./$2" ] || [ -L "./$2" ]; then printf y; else printf n; fi
`

/**
 * `$2` seconds, `$3` the place, then patterns of what is left out at its top. Prints folders, nothing, and all else,
 * each ended by NUL.
 */
export const list = `${atRoot}${alive}
[ -d "./$3" ] || exit 0
cd -P "./$3" || exit 1
shift 3
n=$#
for pattern do set -- "$@" -path "./$pattern" -prune -o; done
shift "$n"
find . "$@" -type d -print0 || exit 1
printf '\\000'
find . "$@" ! -type d -print0 || exit 1
`

/** `$2` seconds, `$3` the place. Reads paths, ended by NUL, of what is removed there; folders without their owner's rights, too. */
export const remove = `${atMarkedRoot}${alive}
[ -d "./$3" ] || exit 0
cd -P "./$3" || exit 1
xargs -0 sh -c '${removeEach}' sh
`

/** `$2` the place, `$3` its workshop. Half files that can be gone on with stay. */
export const prepare = `${atMarkedRoot}
mkdir -p "./$2" "./$3/partial" && rm -rf "./$3/new" && mkdir "./$3/new"
`

const keepFiles = `for f do if [ -f "$f" ] && [ ! -L "$f" ]; then printf "%s\\0" "$f"; fi; done`
const hashEach = `for f do if [ -f "$f" ] && [ ! -L "$f" ]; then sha256sum < "$f" || exit 255; else echo -; fi; done`

/** `$2` seconds, `$3` the place. Reads paths, ended by NUL, without backslashes and line breaks; prints lines of those that are files. */
export const digests = `${atRoot}${alive}
[ -d "./$3" ] || exit 0
cd "./$3" || exit 1
xargs -0 sh -c '${keepFiles}' sh | xargs -0 -r sha256sum
`

/** The same for any paths: prints a line for each, in their order; `-` when it is no file. */
export const digestsInOrder = `${atRoot}${alive}
[ -d "./$3" ] || exit 0
cd "./$3" || exit 1
xargs -0 sh -c '${hashEach}' sh
`

const makeFolders = `to=$1; shift; for d do [ -d "$to/$d" ] || mkdir "$to/$d" || exit 1; done`
const moveFiles = `to=$1; shift
for f do
  if [ -d "$to/$f" ]; then echo "$to/$f is a folder" >&2; exit 1; fi
  mv -f "$f" "$to/$f" || exit 1
done`

/** `$2` seconds, `$3` from, `$4` to, `$5` the workshop of what is moved. */
export const publish = `${atMarkedRoot}${alive}
rm -rf "./$5"
from=$1/$3; to=$1/$4
if [ -e "$from" ] || [ -L "$from" ]; then
  mkdir -p "\${to%/*}" || exit 1
  if [ -e "$to" ] || [ -L "$to" ]; then
    [ -d "$to" ] && [ -d "$from" ] || exit ${scriptExit.inTheWay}
    cd "$from" || exit 1
    find . -type d -exec sh -c '${makeFolders}' sh "$to" {} + || exit 1
    find . ! -type d -exec sh -c '${moveFiles}' sh "$to" {} + || exit 1
    cd "$1" || exit 1
    find "$from" -depth -type d -exec rmdir {} + || exit 1
  else
    mv "$from" "$to" || exit 1
  fi
fi
sync -f . 2>/dev/null || sync
`

/** `$2` seconds, then what is removed; folders without their owner's rights, too. */
export const discard = `${atMarkedRoot}${alive}
shift 2
for place do
  rm -rf "./$place" 2>/dev/null || { ${opened('"./$place"')}; rm -rf "./$place" || exit 1; }
done
`
