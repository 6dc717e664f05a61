#!/bin/bash
# The Debian packages that a node needs at run time.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cni=/usr/lib/cni/ptp
[ ! -e /opt/cni/bin/ptp ] || cni=/opt/cni/bin/ptp
need containerd containerd runc runc "$cni" containernetworking-plugins iptables iptables ip iproute2 openssl openssl nsenter util-linux pgrep procps
dirname "$cni"
