# shellcheck shell=bash disable=SC2154
# What a guest that is a node does: containerd, kubelet and kube-proxy, then shell lines from SHARE/inbox until it is killed.
# The values (address, gateway, data, run, log, pause, and the three commands) are set by guest-node.ts.

# Logs and answers reach the host within a second, not within the 30 that a disk would like.
sysctl -qw net.ipv4.ip_forward=1 vm.dirty_expire_centisecs=50 vm.dirty_writeback_centisecs=50
ip addr add "$address/30" dev vec0
ip link set vec0 up
ip route add default via "$gateway"
mkdir -p "$data" "$run"
# Not on the overlay, which cannot carry containers' overlays. It counts as the guest's memory.
mount -t tmpfs -o size=80% data "$data"

begin() { setsid "${@:2}" >"$log/$host-$1.log" 2>&1 </dev/null & }
begin containerd "${containerd[@]}"
until ctr --address "$run/containerd.sock" version >/dev/null 2>&1; do sleep 0.1; done
ctr --address "$run/containerd.sock" --namespace k8s.io images import "$pause"
begin kubelet "${kubelet[@]}"
begin kube-proxy "${proxy[@]}"

answer() {
  local code=0
  bash "$1.line" >"$1.stdout" 2>"$1.stderr" </dev/null || code=$?
  echo $code >"$1.part"
  mv "$1.part" "$1.code"
}
shopt -s nullglob
mkfifo /run/never
exec 3<>/run/never
while :; do
  for file in "$share"/inbox/*.ask; do
    mv "$file" "${file%.ask}.line"
    answer "${file%.ask}" &
  done
  read -r -t 0.05 -u 3 || true
done
