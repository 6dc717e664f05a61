#!/bin/bash
# boot.sh KERNEL MEMORY SHARE [KERNEL ARGUMENT]...: becomes a guest, one process. SHARE is a folder that the guest may
# write; the shell file SHARE/command runs in it as root, and its code appears in SHARE/code when it has ended.
set -euo pipefail
kernel=$1 memory=$2 share=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case $here$share in *[[:space:]]*) echo "a guest cannot be told a path with a space: $here, $share" >&2 && exit 64 ;; esac
# The guest's memory is a file in TMPDIR: on a tmpfs it takes what the guest touches, page by page.
export TMPDIR=/dev/shm
# seccomp: faster than ptrace. One CPU: a tap with more panics in the vector driver.
exec "$kernel" mem="$memory" seccomp=on root=/dev/root rootfstype=hostfs rootflags=/ ro quiet \
  init="$here/init.sh" share="$share" umid=guest uml_dir="$share/uml/" con=null con0=null,fd:1 "$@" </dev/null
