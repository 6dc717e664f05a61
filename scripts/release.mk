# What a release is made of (docs/adr/0017-releases.md): the same sources give the same bytes.
RELEASE := build/release
RELEASE_ARCHS ?= amd64 arm64
DISTRIBUTION := $(shell . /etc/os-release && echo "$$ID-$$VERSION_ID")
images_of = build$(if $(filter-out $(HOST_ARCH),$(1)),/$(1))/images

##@ Release
release: $(MODULES) ## Image archives, chart, install.yaml, SBOM, licences and checksums in build/release (RELEASE_ARCHS=amd64: one)
	@for arch in $(RELEASE_ARCHS); do $(MAKE) --no-print-directory images ARCH=$$arch; done
	@node scripts/release.ts $(VERSION) $(RELEASE) \
	  $(foreach arch,$(RELEASE_ARCHS),$(arch)=$(call images_of,$(arch))$(comma)$(CACHE)/debian/$(DISTRIBUTION)-$(arch))
	@cat $(RELEASE)/SHA256SUMS

# What the other architecture's images are built with: fetched once.
release-tools: | $(NODE)
	@for arch in $(filter-out $(HOST_ARCH),$(RELEASE_ARCHS)); do $(MAKE) --no-print-directory build/$$arch/.cross ARCH=$$arch; done

.PHONY: release release-tools
