#!/bin/bash
# The image that holds a pod's namespaces, as an archive; its own, so that no registry is asked.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
target=$CACHE/pause-$(key_of "$CLUSTER/pause.c" "${BASH_SOURCE[0]}")
alone pause
if [ ! -f "$target/pause.tar" ]; then
  need gcc gcc /usr/include/stdlib.h libc6-dev
  rm -rf "$target"
  mkdir -p "$target/image"
  cd "$target/image"
  gcc -O2 -static -s -o "$target/pause" "$CLUSTER/pause.c" || fail "pause: gcc failed"
  tar -cf layer.tar --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$target" pause
  case $(uname -m) in aarch64) arch=arm64 ;; *) arch=amd64 ;; esac
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/pause"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$arch" "$(sha256sum layer.tar | cut -d' ' -f1)" >config.json
  echo '[{"Config":"config.json","RepoTags":["localhost/memoryprobe-pause:1"],"Layers":["layer.tar"]}]' >manifest.json
  tar -cf "$target/pause.tar" config.json layer.tar manifest.json
  rm -rf "$target/image"
fi
echo "$target/pause.tar"
