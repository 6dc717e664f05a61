#!/bin/bash
# The guest kernel: User-mode Linux with cgroup v2, one program that needs no KVM. About 8 minutes on 2 cores, once.
# Its source is the newest linux-source package of Debian's unstable suite, asked for through the mirror that this
# machine's apt already uses, with package lists of its own: nothing of the machine's apt is changed.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
fragment=$CLUSTER/guest/kernel.config
target=$CACHE/guest-kernel-$(key_of "$fragment" "${BASH_SOURCE[0]}")
alone guest-kernel
if [ ! -x "$target/linux" ]; then
  need flex flex bison bison bc bc gcc gcc make make xz xz-utils dpkg-deb dpkg
  work=$CACHE/guest-kernel.work
  rm -rf "$work"
  mkdir -p "$work"/{src,build,apt/lists/partial,out}
  cd "$work"

  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  [ -n "$mirror" ] || fail "apt has no package lists: run apt-get update"
  keyring=$(ls /usr/share/keyrings/debian-archive-keyring.gpg 2>/dev/null) || fail "install debian-archive-keyring: the kernel's source is checked against it"
  echo "deb [signed-by=$keyring] $mirror unstable main" >apt/unstable.list
  options=(-oDir::Etc::sourcelist="$work/apt/unstable.list" -oDir::Etc::sourceparts=/dev/null
    -oDir::State::Lists="$work/apt/lists" -oAPT::Sandbox::User=root -oAcquire::Languages=none)
  say "guest kernel: fetching its source"
  apt-get "${options[@]}" update -qq >&2
  package=$(apt-cache "${options[@]}" search --names-only '^linux-source-[0-9.]+$' | awk '{print $1}' | sort -V | tail -n 1)
  [ -n "$package" ] || fail "guest kernel: the mirror has no linux-source package in unstable"
  (cd apt && apt-get "${options[@]}" download -qq "$package" >&2)
  dpkg-deb --fsys-tarfile apt/"$package"_*.deb | tar -x -C apt --wildcards './usr/src/linux-source-*.tar.xz'
  tar -C src --strip-components=1 -xf apt/usr/src/linux-source-*.tar.xz

  kernel=(make -C src O="$work/build" ARCH=um SUBARCH=x86_64)
  { "${kernel[@]}" defconfig && (cd src && scripts/kconfig/merge_config.sh -m -O "$work/build" "$work/build/.config" "$fragment") &&
    "${kernel[@]}" olddefconfig; } >out/config.log 2>&1 || fail "guest kernel: configuring failed, see $work/out/config.log"
  # A name that the kernel does not know any more, or whose dependency is missing, is dropped without a word by kconfig.
  grep -v '=n$' "$fragment" | grep '^CONFIG' | grep -vxFf build/.config >out/missing && fail "guest kernel: not taken over: $(tr '\n' ' ' <out/missing)"
  say "guest kernel: $("${kernel[@]}" -s kernelversion), compiling"
  "${kernel[@]}" -j"$(nproc)" linux 2>&1 | show_progress "guest kernel: files compiled" 1190 '^  CC ' out/make.log ||
    fail "guest kernel: the build failed, see $work/out/make.log"
  "${kernel[@]}" -s kernelversion >out/version
  cp build/linux out/linux
  rm -rf "$target"
  mv out "$target"
  cd /
  rm -rf "$work"
fi
echo "$target/linux"
