# Container images without a Docker engine (docs/adr/0003-images-without-an-engine.md):
# root file systems -> layers -> build/images/NAME.tar, an OCI archive each; build/arm64/images with ARCH=arm64 (arch.mk). Same
# sources, same bytes.
include test/workloads/workload.mk

VERSION := $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
IMAGE_REPOSITORY ?= localhost/memoryprobe
# The workload of tests and demo is needed only where they run.
IMAGE_NAMES := operator balloon $(if $(FOREIGN),,workload)
IMAGES := $(IMAGE_NAMES:%=$(OUT)/images/%.tar)

sources = $(shell find $(addprefix src/,$(1)) -name '*.ts' 2>/dev/null)
BUNDLE := node scripts/bundle.ts $(VERSION)

##@ Build
build/bundle/operator.js: scripts/bundle.ts package.json $(call sources,operator kube runtime api domain lib) | $(MODULES)
	@$(BUNDLE) src/operator/main.ts $@

build/bundle/agent.js: scripts/bundle.ts package.json $(call sources,agent domain lib) | $(MODULES)
	@$(BUNDLE) src/agent/main.ts $@

build/cli/memoryprobe.js: scripts/bundle.ts package.json $(call sources,cli kube api domain lib) | $(MODULES)
	@$(BUNDLE) src/cli/main.ts $@
	@chmod 755 $@

# For `memoryprobe run`: what it starts lies beside it. The command runs with the Node that it was built for, under sudo too.
build/cli/agent.js: build/bundle/agent.js
	@mkdir -p $(@D)
	@cp $< $@

build/cli/balloon: build/balloon/balloon
	@mkdir -p $(@D)
	@cp $< $@

build/cli/memoryprobe: images/memoryprobe.sh | $(NODE)
	@mkdir -p $(@D)
	@ln -sf $(NODE) $(@D)/node
	@install -m 755 $< $@

cli: $(addprefix build/cli/,memoryprobe memoryprobe.js agent.js balloon) ## Build the command line client (build/cli/memoryprobe)

$(OUT)/layers/base.tar: images/base.sh images/pack.sh | $(IMAGE_NODE) $(if $(FOREIGN),$(OUT)/.cross)
	@bash images/base.sh $(IMAGE_NODE) $(CACHE)/debian $@ $(ARCH)

# With the client, for gates in a cluster, and a target for `helm test`.
$(OUT)/layers/operator.tar: build/bundle/operator.js build/cli/memoryprobe.js $(WORKLOAD)
	@bash images/layer.sh $@ 644 build/bundle/operator.js /app/operator.js 755 build/cli/memoryprobe.js /app/memoryprobe.js \
	  755 $(WORKLOAD) /usr/local/bin/workload

$(OUT)/layers/balloon.tar: build/bundle/agent.js $(OUT)/balloon/balloon
	@bash images/layer.sh $@ 644 build/bundle/agent.js /app/agent.js 755 $(OUT)/balloon/balloon /usr/local/bin/balloon

$(OUT)/layers/workload.tar: $(WORKLOAD)
	@bash images/layer.sh $@ 755 $(WORKLOAD) /workload

# The name stands in the archive, so another repository is another archive.
$(OUT)/images/.repository: FORCE
	@mkdir -p $(@D)
	@grep -qsxF '$(IMAGE_REPOSITORY)' $@ || echo '$(IMAGE_REPOSITORY)' > $@

# What one image is made of, for oci-archive.ts: its name, its settings, its layers.
comma := ,
describe = $(IMAGE_REPOSITORY)/$(1):$(VERSION),images/$(1)/image.json,$(if $(filter workload,$(1)),,$(OUT)/layers/base.tar$(comma))$(OUT)/layers/$(1).tar

$(OUT)/images/operator.tar $(OUT)/images/balloon.tar: $(OUT)/layers/base.tar
$(IMAGES): $(OUT)/images/%.tar: images/%/image.json $(OUT)/layers/%.tar scripts/oci-archive.ts package.json $(OUT)/images/.repository | $(NODE)
	@node scripts/oci-archive.ts --architecture=$(ARCH) $@ $(call describe,$*)

# All of them in one archive, the shared layer once: half as much to load into a node.
$(OUT)/images/all.tar: $(IMAGES)
	@node scripts/oci-archive.ts --architecture=$(ARCH) $@ $(foreach name,$(IMAGE_NAMES),$(call describe,$(name)))

images: $(IMAGES) ## Build the container images as OCI archives in build/images (ARCH=arm64: in build/arm64/images)
	@cd $(OUT)/images && du --apparent-size --human-readable $(notdir $(IMAGES))

print-cache:
	@echo $(CACHE)

FORCE:
.PHONY: cli images print-cache FORCE
