# shellcheck shell=bash disable=SC2034
# What the build scripts share. Each prints its progress on stderr and, last, the path of what it made on stdout.
set -euo pipefail
CLUSTER=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memoryprobe}

say() { echo "cluster: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# key_of FILE...: names a build after all that goes into it
key_of() { sha256sum "$@" | awk '{print $1}' | sha256sum | cut -c1-12; }

# need COMMAND PACKAGE [COMMAND PACKAGE]...: installs the Debian packages of the commands (or files) that are not there
need() {
  local missing=()
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null || [ -e "$1" ] || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || fail "these packages are missing, install them: ${missing[*]}"
  say "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 ||
    fail "apt-get could not install ${missing[*]}, see above"
}

# alone NAME: two checkouts do not make the same thing at the same time
alone() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/$1.lock"
  flock 9
}

# show_progress WHAT ABOUT PATTERN LOG: reads a build's output into LOG and, every 10 s, says how many lines fit PATTERN
show_progress() {
  local line='' count=0 next=$((SECONDS + 10)) status
  : >"$4"
  while :; do
    status=0
    IFS= read -r -t 10 line || status=$?
    if [ $status = 0 ]; then
      echo "$line" >>"$4"
      [[ $line =~ $3 ]] && count=$((count + 1))
    elif [ $status -le 128 ]; then
      break
    fi
    if [ $SECONDS -ge $next ]; then
      say "$1: $count of about $2 after $SECONDS s"
      next=$((SECONDS + 10))
    fi
  done
}
