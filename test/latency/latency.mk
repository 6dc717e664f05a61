# What measures a probe's effect from outside: a client of a served target, and somebody who takes a node's memory.
build/latency/%: test/latency/%.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -pthread -static -o $@.tmp.$$$$ $< && mv $@.tmp.$$$$ $@

latency-programs: build/latency/requests build/latency/crossing

.PHONY: latency-programs
