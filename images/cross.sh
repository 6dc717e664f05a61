#!/bin/bash
# The Debian packages that compile and strip for another architecture.
# Usage: cross.sh TRIPLET (aarch64-linux-gnu or x86_64-linux-gnu)
. "$(dirname "${BASH_SOURCE[0]}")/../test/cluster/build/lib.sh"
case $1 in
  aarch64-linux-gnu) package=gcc-aarch64-linux-gnu libc=libc6-dev-arm64-cross ;;
  x86_64-linux-gnu) package=gcc-x86-64-linux-gnu libc=libc6-dev-amd64-cross ;;
  *) fail "cross.sh: unknown triplet \"$1\"" ;;
esac
need "$1-gcc" "$package" "/usr/$1/lib/libc.a" "$libc"
