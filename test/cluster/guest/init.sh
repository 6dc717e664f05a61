#!/bin/bash
# PID 1 of the guest. Its root is the host's, read-only, below a tmpfs: whatever the guest writes is gone with it, but
# for the folder named by share= (and one more by write=), which are the host's own. cgroup v2 alone; no swap is on.
# shellcheck disable=SC2154,SC2016
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
power_off() { echo o >/proc/sysrq-trigger && sleep 20; }

mount -t proc proc /proc
# The pages of an io_uring confuse User-mode Linux: a process that has one and forks (any Node program) panics the guest.
echo 2 >/proc/sys/kernel/io_uring_disabled
mount -t tmpfs -o size=90% tmpfs /mnt
mkdir /mnt/{upper,work,root}
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root || power_off
cd /mnt/root || power_off
mkdir -p proc sys dev run tmp
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs run run
mount -t devtmpfs dev dev
ln -sn /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mkdir -p dev/pts dev/shm dev/mqueue
mount -t devpts -o ptmxmode=666 devpts dev/pts
mount -t tmpfs shm dev/shm
mount -t mqueue mqueue dev/mqueue
mount -t cgroup2 cgroup2 sys/fs/cgroup
for shared in "$share" $write; do
  mkdir -p ".$shared"
  mount -t hostfs -o "$shared" none ".$shared"
done
# The kubelet refuses to start without a clock speed.
sed 's/^bogomips/cpu MHz\t\t: 2500.000\n&/' /proc/cpuinfo >run/cpuinfo
mount --bind run/cpuinfo proc/cpuinfo
ip link set lo up
hostname "${host:-guest}"

mkdir old
pivot_root . old
exec chroot . /bin/bash -c '
cd "$share"
code=0
bash ./command >stdout 2>stderr </dev/null || code=$?
echo $code >code.part && mv code.part code
sync
echo o >/proc/sysrq-trigger
sleep 20'
