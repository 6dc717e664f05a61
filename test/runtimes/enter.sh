#!/bin/sh
# enter.sh ROOT PROGRAMS SCRATCH COMMAND...: becomes a program of the runtimes' root, where PROGRAMS is /mnt and SCRATCH is
# /tmp. The mounts are seen by it alone and go with it.
set -eu
if [ "$1" != --inside ]; then exec unshare --mount -- "$0" --inside "$@"; fi
root=$2
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$3" "$root/mnt"
mount --bind "$4" "$root/tmp"
shift 4
exec chroot "$root" "$@"
