# The embedded cluster: docs/cluster.md. One command at a time on a machine: the lock goes with the command, whatever ends it.
CLUSTER := flock --close /run node test/cluster/main.ts
NODES ?= native
export NODES

##@ Cluster
cluster-build: | $(NODE) ## Build what the cluster needs, once, into the cache (16 minutes on 2 cores)
	@cd test/cluster/build && { bash packages.sh && bash tools.sh && bash pause.sh; } >/dev/null && \
	  { bash kube.sh >/dev/null & kube=$$!; guest=0; bash guest-kernel.sh >/dev/null || guest=$$?; wait $$kube && exit $$guest; }

cluster-up: $(MODULES) ## Real Kubernetes on this machine (NODES="native guest" adds a node with cgroup v2)
	@$(CLUSTER) up

cluster-down: | $(NODE) ## Take the cluster away, in whatever state it is
	@$(CLUSTER) down

cluster-load: | $(NODE) ## Import an image archive into every node (TAR=path)
	@$(CLUSTER) load $(TAR)

cluster-status: | $(NODE) ## Nodes, versions, cgroup versions and process ids
	@node test/cluster/main.ts status

test-lifecycle: $(MODULES) ## The cluster itself: what is left of it however it ends (needs none to be up)
	@ava --config test/cluster/lifecycle.config.js

.PHONY: cluster-build test-lifecycle cluster-up cluster-down cluster-load cluster-status
