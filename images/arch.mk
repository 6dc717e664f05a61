# For which architecture images are built: this machine's, or another (ARCH=arm64), of which nothing is run.
HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,amd64)
ARCH ?= $(HOST_ARCH)
FOREIGN := $(filter-out $(HOST_ARCH),$(ARCH))
# Where its layers, programs and images are made.
OUT := build$(if $(FOREIGN),/$(ARCH))

TRIPLET := $(if $(filter arm64,$(ARCH)),aarch64-linux-gnu,x86_64-linux-gnu)
BALLOON_CC := $(if $(FOREIGN),$(TRIPLET)-gcc,$(CC))
# Node's npm package for it; npm installs none that does not run here.
IMAGE_NODE := $(if $(FOREIGN),$(CACHE)/node-$(NODE_VERSION)-$(ARCH)/bin/node,$(NODE))

# Compiler, libc and strip for the other architecture.
$(OUT)/.cross: images/cross.sh
	@mkdir -p $(@D)
	@bash images/cross.sh $(TRIPLET)
	@touch $@

$(CACHE)/node-$(NODE_VERSION)-%/bin/node:
	@bash images/foreign-node.sh $(if $(filter amd64,$*),x64,$*) $(NODE_VERSION) $(patsubst %/bin/node,%,$@)
