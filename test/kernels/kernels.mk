# The agent alone, against plain cgroups, on kernels that users run (docs/kernels.md).
KERNEL_FILES := build/bundle/agent.js build/balloon/balloon build/workload/workload build/kernels/run-cases.js build/kernels/run-pairs.js build/latency/requests

##@ Kernels and runtimes
build/kernels/run-cases.js: scripts/bundle.ts $(wildcard test/kernels/*.ts test/agent/*.ts) $(call sources,agent domain lib) | $(MODULES)
	@$(BUNDLE) test/kernels/run-cases.ts $@

build/kernels/run-pairs.js: scripts/bundle.ts $(wildcard test/latency/*.ts test/agent/*.ts) test/balloon/pod.ts $(call sources,agent domain lib) | $(MODULES)
	@$(BUNDLE) test/latency/run-pairs.ts $@

build/kernels/root.ext4: test/kernels/build/root.sh build/layers/base.tar $(KERNEL_FILES)
	@bash $< build/layers/base.tar $@ $(KERNEL_FILES)

kernels-root: build/kernels/root.ext4 ## The disk of test/kernels/kernel-run

kernels-build: | $(NODE)
	@for series in 6.1 6.12; do bash test/kernels/build/kernel.sh $$series >/dev/null; done
	@bash test/cluster/build/guest-kernel.sh >/dev/null

test-kernels: $(MODULES) ## Every workload on every kernel, and whether the verdict is right (build/matrix.md)
	@node scripts/test.ts kernels

build/matrix.md:
	@$(MAKE) --no-print-directory test-kernels

matrix: build/matrix.md ## How the last test-kernels came out: right, open, wrong
	@cat $<

.PHONY: kernels-root kernels-build test-kernels matrix
