#!/bin/bash
# Debian's own builds of the runtimes, with all that they need, in a root of their own in the cache: nothing is installed on
# this machine. Its package sources are asked as if nothing were installed, so that every machine gets the same root.
# Prints the root's path.
. "$(dirname "${BASH_SOURCE[0]}")/../../cluster/build/lib.sh"
say() { echo "runtimes: $*" >&2; }
packages=(dash coreutils redis-server libjemalloc2 libmimalloc2.0 python3-minimal openjdk-17-jre-headless ecj postgresql)

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
release=$(. /etc/os-release && echo "$ID-$VERSION_ID-$(dpkg --print-architecture)")
target=$CACHE/runtimes-$release-$(key_of "$here/packages.sh")
alone runtimes
if [ ! -d "$target" ]; then
  part=$(mktemp -d "$CACHE/runtimes.part.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  mkdir -p "$part/debs/partial" "$part/root/"{dev,mnt,proc,tmp,usr/{bin,lib,lib64,sbin}}
  touch "$part/status"
  download() {
    apt-get -qq --download-only --no-install-recommends -o Dir::State::status="$part/status" -o Debug::NoLocking=1 \
      -o Dir::Cache::archives="$part/debs" -o APT::Sandbox::User=root install "${packages[@]}" >/dev/null
  }
  say "fetching ${packages[*]} for $release"
  download || { apt-get -qq update && download; } || fail "apt-get could not fetch ${packages[*]}, see above"
  for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$part/root/$folder"; done
  for deb in "$part"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$part/root" \
      --exclude=./usr/share/{doc,locale,man}
  done
  # What the packages' scripts would have made.
  printf '%s\n' root:x:0:0:root:/:/bin/sh postgres:x:65532:65532:postgres:/tmp:/bin/sh >"$part/root/etc/passwd"
  printf '%s\n' root:x:0: postgres:x:65532: >"$part/root/etc/group"
  chmod 755 "$part/root"
  mv -T "$part/root" "$target"
fi
echo "$target"
