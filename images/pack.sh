#!/bin/bash
# Packs a root file system into a layer: fixed owner, time and order, so that the same files give the same bytes.
# Usage: pack.sh ROOTFS LAYER.tar
set -euo pipefail
mkdir -p "$(dirname "$2")"
tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar --file "$2" --directory "$1" .
