#!/bin/bash
# Node for another architecture, from its npm package: unpacked, because npm installs only what runs here.
# Usage: foreign-node.sh ARCH (npm's name: arm64 or x64) VERSION FOLDER
set -euo pipefail
arch=$1 version=$2 folder=$3
mkdir -p "$(dirname "$folder")"
part=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$part"' EXIT
echo "fetching node $version for $arch"
cd "$part"
npm pack --silent "node-linux-$arch@$version" >/dev/null
tar -xzf ./*.tgz --strip-components=1
rm -f ./*.tgz
chmod 755 "$part"
mv -T "$part" "$folder"
