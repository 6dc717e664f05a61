# The program of the traps: a target that does in order what its arguments say. README.md beside it lists them.
TRAP := build/trap/trap
TRAP_SOURCES := $(wildcard test/traps/*.c test/traps/*.h)

$(TRAP): $(TRAP_SOURCES)
	@mkdir -p $(@D)
	@$(CC) -std=c17 -D_GNU_SOURCE -O2 -static -Wall -Wextra -Werror -s -o $@.tmp.$$$$ $(filter %.c,$^) && mv $@.tmp.$$$$ $@

trap: $(TRAP) ## Build the program of the traps

.PHONY: trap
