#!/bin/bash
# Prometheus and promtool, from the Debian package: unpacked, not installed, because installing starts a service.
. "$(dirname "${BASH_SOURCE[0]}")/../../cluster/build/lib.sh"
target=$CACHE/prometheus-$(key_of "${BASH_SOURCE[0]}" /etc/os-release)
alone prometheus
if [ ! -x "$target/promtool" ]; then
  command -v apt-get >/dev/null || fail "prometheus is missing: without apt-get, put prometheus and promtool into $target"
  say "fetching prometheus"
  rm -rf "$target.part"
  mkdir -p "$target.part"
  cd "$target.part"
  download() { apt-get download -qq -o APT::Sandbox::User=root prometheus; }
  { download || { apt-get update -qq && download; }; } >&2 || fail "apt-get could not download prometheus, see above"
  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 ./usr/bin/prometheus ./usr/bin/promtool
  rm -f prometheus_*.deb
  rm -rf "$target"
  mv "$target.part" "$target"
fi
echo "$target"
