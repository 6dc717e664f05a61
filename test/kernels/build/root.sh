#!/bin/bash
# root.sh LAYER.tar OUT.ext4 FILE...: the disk that every kernel boots from. The image's own base layer (node and its
# libraries), busybox, and the files of this tree at /memoryprobe, under the names that they have here.
. "$(dirname "${BASH_SOURCE[0]}")/../../cluster/build/lib.sh"
layer=$1 out=$2
shift 2
need busybox busybox-static mkfs.ext4 e2fsprogs
root=$(mktemp -d)
trap 'rm -rf "$root" "$out.part"' EXIT
tar -xf "$layer" -C "$root"
mkdir -p "$root"/{bin,root,memoryprobe}
cp "$(command -v busybox)" "$root/bin/busybox"
busybox --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
cp "$(command -v chrt)" "$root/bin/"
cp --parents "$@" "$root/memoryprobe"
mkdir -p "$(dirname "$out")"
# Room for the page cache of the workloads and for the records.
mkfs.ext4 -q -F -d "$root" -E root_owner=0:0 "$out.part" "$(($(du -sm "$root" | cut -f1) + 600))M" >/dev/null
mv "$out.part" "$out"
