##@ Balloon
# The C program that holds memory (PROTOCOL.md). Static: one file for any image, and for a node with any libc.
CC ?= gcc
BALLOON_WARNINGS := -Wall -Wextra -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wformat=2 -Wvla
BALLOON_CFLAGS := -std=gnu11 -O2 -fno-plt -D_FORTIFY_SOURCE=2 $(BALLOON_WARNINGS) -pthread

$(OUT)/balloon/balloon: images/balloon/balloon.c | $(if $(FOREIGN),$(OUT)/.cross)
	@mkdir -p $(@D)
	@$(BALLOON_CC) $(BALLOON_CFLAGS) -static -s -Wl,--gc-sections -o $@.tmp.$$$$ $< && mv $@.tmp.$$$$ $@

# The same program where it says what it did wrong; for tests only.
build/balloon/balloon-sanitized: images/balloon/balloon.c
	@mkdir -p $(@D)
	@$(CC) $(BALLOON_WARNINGS) -std=gnu11 -O1 -g -pthread -fsanitize=address,undefined -fno-sanitize-recover=all -o $@.tmp.$$$$ $< && mv $@.tmp.$$$$ $@

# What the balloon's tests squeeze.
build/balloon/%: test/balloon/fixtures/%.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -static -o $@.tmp.$$$$ $< && mv $@.tmp.$$$$ $@

balloon: $(OUT)/balloon/balloon ## Build the balloon (C, static)
balloon-sanitized: build/balloon/balloon-sanitized
balloon-fixtures: build/balloon/target build/balloon/memset-rate

.PHONY: balloon balloon-sanitized balloon-fixtures
