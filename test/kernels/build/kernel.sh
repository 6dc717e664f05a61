#!/bin/bash
# kernel.sh 6.1|6.12: a kernel that users run, as Debian's cloud image has it, and a first file system with the modules that
# it needs to find a disk and to swap. Prints the folder of both. Half a minute, once; the newest of its series at that time.
# Asked for through the mirror that this machine's apt already uses, with package lists of its own.
. "$(dirname "${BASH_SOURCE[0]}")/../../cluster/build/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
series=${1:?kernel.sh 6.1|6.12}
case $series in
6.1) suite=bookworm ;;
6.12) suite=bookworm-backports ;;
*) fail "kernel $series: there are 6.1 and 6.12" ;;
esac
target=$CACHE/kernel-$series-$(key_of "$here"/{kernel.sh,init.sh} "$CLUSTER/build/lib.sh")
alone "kernel-$series"
# A cache may come from another machine.
need qemu-system-x86_64 qemu-system-x86
if [ ! -d "$target" ]; then
  need busybox busybox-static depmod kmod xz xz-utils cpio cpio dpkg-deb dpkg
  work=$(mktemp -d "$CACHE/kernel-$series.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/{lists/partial,unpacked,root/{bin,modules,proc,sys,dev,disk},out}
  cd "$work"

  # Debian's own, whatever else this machine installs from; neither that of its security updates.
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
  [ -n "$mirror" ] || fail "apt has no package lists of Debian: run apt-get update"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keyring" ] || fail "install debian-archive-keyring: the kernel is checked against it"
  echo "deb [signed-by=$keyring] $mirror $suite main" >list
  options=(-oDir::Etc::sourcelist="$work/list" -oDir::Etc::sourceparts=/dev/null -oDir::State::Lists="$work/lists"
    -oDir::Cache="$work" -oAPT::Sandbox::User=root -oAcquire::Languages=none)
  say "kernel $series: fetching it"
  apt-get "${options[@]}" update -qq >&2
  package=$(apt-cache "${options[@]}" search --names-only "^linux-image-${series//./\\.}\.[0-9].*-cloud-amd64\$" |
    awk '{print $1}' | sort -V | tail -n 1)
  [ -n "$package" ] || fail "kernel $series: the mirror has no such linux-image package in $suite"
  apt-get "${options[@]}" download -qq "$package" >&2
  dpkg-deb --extract linux-image-*.deb unpacked
  version=$(basename unpacked/boot/vmlinuz-*)
  version=${version#vmlinuz-}
  mv "unpacked/boot/vmlinuz-$version" out/vmlinuz

  # In the order in which they are to be loaded; what is built in is not named. lzo-rle is asked for by zram at run time.
  depmod -b unpacked "$version"
  for module in virtio_pci virtio_blk zram lzo-rle; do
    modprobe -d unpacked -S "$version" --show-depends "$module" | sed -n 's/^insmod //p'
  done | awk '!seen[$1]++' | while read -r file; do
    name=$(basename "$file")
    case $file in
    *.xz) xz -dc "$file" >"root/modules/${name%.xz}" ;;
    *) cp "$file" root/modules/ ;;
    esac
    echo "${name%.xz}" >>root/modules/order
  done
  cp "$(command -v busybox)" root/bin/busybox
  install -m 755 "$here/init.sh" root/init
  (cd root && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >out/initramfs
  echo "$version" >out/version
  mv out "$target"
fi
echo "$target"
