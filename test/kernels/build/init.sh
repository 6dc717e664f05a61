#!/bin/busybox sh
# PID 1: finds the disk, mounts what a container host has, takes the work from the second disk (a tar with the shell file
# `command`), runs it as root and puts the tar back with stdout, stderr and code. cgroup v2, or v1 with cgroup=v1.
busybox=/bin/busybox
give_up() {
  echo "init: $*"
  $busybox poweroff -f
}
$busybox mount -t proc proc /proc
for module in $($busybox cat /modules/order); do $busybox insmod "/modules/$module" || give_up "$module"; done
$busybox mount -t devtmpfs dev /dev
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/vdb ] && break || $busybox sleep 0.1; done
$busybox mount -t ext4 /dev/vda /disk || give_up "no disk"
cd /disk
$busybox mount -t proc proc proc
$busybox mount -t sysfs sysfs sys
$busybox mount -t devtmpfs dev dev
$busybox ln -sn /proc/self/fd dev/fd
case " $($busybox cat /proc/cmdline) " in
*' cgroup=v1 '*)
  $busybox mount -t tmpfs cgroup sys/fs/cgroup
  for controller in memory cpu; do
    $busybox mkdir "sys/fs/cgroup/$controller"
    $busybox mount -t cgroup -o $controller cgroup "sys/fs/cgroup/$controller"
  done
  ;;
*) $busybox mount -t cgroup2 cgroup2 sys/fs/cgroup ;;
esac
# shellcheck disable=SC2016
exec $busybox chroot . /bin/sh -c '
export PATH=/usr/bin:/bin HOME=/root
ip link set lo up
mkdir -p /share/out && cd /share && tar -xf /dev/vdb
code=0
sh ./command >stdout 2>stderr </dev/null || code=$?
echo $code >code
tar -cf /dev/vdb stdout stderr code out && sync
poweroff -f'
