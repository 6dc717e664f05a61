#!/bin/bash
# Lays files into a layer of their own.
# Usage: layer.sh LAYER.tar MODE FILE PLACE [MODE FILE PLACE]...
set -euo pipefail
umask 022
layer=$1
shift
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
while [ $# -gt 0 ]; do
  install -D -m "$1" "$2" "$root$3"
  shift 3
done
bash "$(dirname "$0")/pack.sh" "$root" "$layer"
