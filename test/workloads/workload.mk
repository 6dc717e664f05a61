# The workload: targets whose memory is known to the page, in an image of its own for tests and the demo, and in the operator's
# for `helm test`.
WORKLOAD := $(OUT)/workload/workload
WORKLOAD_SOURCES := $(wildcard test/workloads/*.c test/workloads/*.h)

$(WORKLOAD): $(WORKLOAD_SOURCES) | $(if $(FOREIGN),$(OUT)/.cross)
	@mkdir -p $(@D)
	@$(BALLOON_CC) -std=c17 -D_GNU_SOURCE -O2 -static -Wall -Wextra -Werror -pthread -s -o $@.tmp.$$$$ $(filter %.c,$^) -lm && mv $@.tmp.$$$$ $@

workload: $(WORKLOAD) ## Build the workload of tests and demo

.PHONY: workload
