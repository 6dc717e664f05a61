# The operator on a cluster: the embedded one, or an existing one by its context's name (CONTEXT=kind-x).
DEPLOY := VERSION=$(VERSION) IMAGE_REPOSITORY=$(IMAGE_REPOSITORY) CONTEXT=$(CONTEXT) SET='$(SET)'

##@ Run
demo: $(MODULES) ## From nothing to four printed verdicts on a real cluster (NODES=guest: on cgroup v2)
	@$(DEPLOY) node scripts/demo.ts

deploy: build/images/all.tar ## Install or upgrade the operator with Helm (CONTEXT=name: on an existing cluster; SET="a=b c=d": more of the chart's values)
	@$(DEPLOY) node scripts/deploy.ts

.PHONY: demo deploy
