#!/bin/bash
# Lays the root file system that operator and balloon share: node and the libraries that it names, from this machine's
# release of Debian (or Ubuntu), nothing else: no shell, no package manager. For another architecture too: nothing of what
# is laid is run.
# Usage: base.sh NODE CACHE LAYER.tar ARCH (amd64 or arm64)
set -euo pipefail
umask 022
node=$1 cache=$2 layer=$3 arch=$4
packages=(libc6 libstdc++6 libgcc-s1)
fail() {
  echo "base.sh: $*" >&2
  exit 1
}
case $arch in
  amd64) triplet=x86_64-linux-gnu ;;
  arm64) triplet=aarch64-linux-gnu ;;
  *) fail "unknown architecture \"$arch\": amd64 or arm64" ;;
esac
strip=strip
[ "$arch" = "$(dpkg --print-architecture)" ] || strip=$triplet-strip

# Lists and packages of another architecture are kept apart, so that this machine's own stay as they are.
apt_options=(-qq -o APT::Sandbox::User=root)
prepare_apt() {
  [ "$arch" != "$(dpkg --print-architecture)" ] || return 0
  mkdir -p "$partial"/apt/{state/lists/partial,cache/archives/partial}
  : > "$partial/apt/status"
  apt_options+=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch")
  apt_options+=(-o "Dir::State=$partial/apt/state" -o "Dir::State::status=$partial/apt/status" -o "Dir::Cache=$partial/apt/cache")
}

# Fetched once for each release, all or nothing, and kept outside the tree.
release=$(. /etc/os-release && echo "$ID-$VERSION_ID-$arch")
debs=$cache/$release
if [ ! -d "$debs" ]; then
  echo "fetching ${packages[*]} for $release"
  mkdir -p "$cache"
  partial=$(mktemp -d "$cache/partial.XXXXXX")
  trap 'rm -rf "$partial"' EXIT
  prepare_apt
  download() { (cd "$partial" && apt-get "${apt_options[@]}" download "${packages[@]}" 2>&1); }
  download >/dev/null || { apt-get "${apt_options[@]}" update && download; }
  rm -rf "$partial/apt"
  chmod 755 "$partial"
  mv -T "$partial" "$debs" || [ -d "$debs" ]
fi

unpacked=$(mktemp -d) root=$(mktemp -d)
trap 'rm -rf "$unpacked" "$root" "${partial:-}"' EXIT
for deb in "$debs"/*.deb; do dpkg-deb --extract "$deb" "$unpacked"; done

chmod 755 "$root"
mkdir -p "$root"/{app,dev,etc,proc,sys,tmp,usr/bin,usr/share/doc/node}
chmod 1777 "$root/tmp"

# lay FILE PLACE: a file of that name from the packages, never from this machine's own folders
lay() {
  local found
  found=$(find "$unpacked" \( -type f -o -type l \) -name "$(basename "$1")" | sort | head -1)
  [ -n "$found" ] || fail "${packages[*]} do not have $(basename "$1"), which node needs"
  install -D -m 755 "$(readlink -f "$found")" "$root$2"
}
needed_by() { readelf --dynamic --wide "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'; }

# The loader where node says, the libraries where the loader looks, and what those need in their turn.
loader=$(readelf --program-headers --wide "$node" | sed -n 's/.*interpreter: \(.*\)\]$/\1/p')
lay "$loader" "$loader"
lay_needed_by() {
  local name
  for name in $(needed_by "$1"); do
    [ "$name" != "$(basename "$loader")" ] || continue
    [ ! -e "$root/lib/$triplet/$name" ] || continue
    lay "$name" "/lib/$triplet/$name"
    lay_needed_by "$root/lib/$triplet/$name"
  done
}
lay_needed_by "$node"

for package in "${packages[@]}"; do
  copyright=$(readlink -f "$unpacked/usr/share/doc/$package/copyright" || true)
  [ ! -f "$copyright" ] || install -D -m 644 "$copyright" "$root/usr/share/doc/$package/copyright"
done

"$strip" -o "$root/usr/bin/node" "$node"
chmod 755 "$root/usr/bin/node"
install -m 644 "$(dirname "$node")/../LICENSE" "$root/usr/share/doc/node/LICENSE"
printf '%s\n' 'root:x:0:0:root:/:/sbin/nologin' 'memoryprobe:x:65532:65532:memoryprobe:/:/sbin/nologin' > "$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'memoryprobe:x:65532:' > "$root/etc/group"

bash "$(dirname "$0")/pack.sh" "$root" "$layer"
