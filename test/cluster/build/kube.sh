#!/bin/bash
# The six Kubernetes programs as one binary, from the Go module proxy. About 8 minutes on 2 cores, once.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
version=v$(awk '$1 == "k8s.io/kubernetes" {print substr($2, 2)}' "$CLUSTER/kube/go.mod")
target=$CACHE/kube-$(key_of "$CLUSTER"/kube/{go.mod,go.sum,main.go} "${BASH_SOURCE[0]}")
alone kube
if [ ! -x "$target/kube" ]; then
  need go golang-go
  cd "$CLUSTER/kube"
  go version >/dev/null 2>&1 || fail "kube: $(go version 2>&1 | head -n 1): Go 1.24 or newer is needed"
  mkdir -p "$target"
  say "kube: fetching the modules of Kubernetes $version"
  go mod download >&2 || fail "kube: a module could not be fetched, see above"
  total=$(go list -deps . | wc -l)
  say "kube: compiling (a package that Go's build cache has is not counted)"
  # gitVersion: without it every client sees v0.0.0
  CGO_ENABLED=0 go build -v -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" \
    -o "$target/kube.part" . 2>&1 | show_progress "kube: packages compiled" "$total" '^[a-z]' "$target/build.log" || fail "kube: the build failed, see $target/build.log"
  mv "$target/kube.part" "$target/kube"
fi
echo "$target/kube"
