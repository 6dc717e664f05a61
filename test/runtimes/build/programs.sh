#!/bin/bash
# Compiles the programs that the runtimes run, and lays them beside those that need no compiler. Prints their folder's path.
. "$(dirname "${BASH_SOURCE[0]}")/../../cluster/build/lib.sh"
say() { echo "runtimes: $*" >&2; }

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
programs=$here/../programs
target=$CACHE/runtime-programs-$(find "$programs" "$here" -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-12)
root=$(bash "$here/packages.sh")
alone runtimes
if [ ! -d "$target" ]; then
  need gcc gcc /usr/include/stdlib.h libc6-dev go golang-go
  part=$(mktemp -d "$CACHE/runtimes.part.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  say "compiling the programs"
  cp -r "$programs" "$part/programs"
  cd "$part/programs"
  (cd go && GOFLAGS=-mod=mod CGO_ENABLED=0 go build -o ../heap-go main.go) || fail "go could not build its program"
  gcc -std=gnu17 -O2 -Wall -Wextra -Werror -fno-builtin -o malloc malloc.c || fail "gcc could not compile its program"
  "$here/../enter.sh" "$root" "$part/programs" "$part" /bin/sh /mnt/java.sh -cp /usr/share/java/eclipse-jdt-core.jar \
    org.eclipse.jdt.internal.compiler.batch.Main -17 -proc:none -d /mnt /mnt/Heap.java ||
    fail "the Java compiler could not compile its program"
  chmod 755 "$part/programs"
  mv -T "$part/programs" "$target"
fi
echo "$target"
