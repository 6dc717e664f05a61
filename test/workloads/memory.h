// Memory whose every page is known: no huge pages, contents of its own.
#pragma once
#include <stdint.h>

uint64_t now_ns(void);

/** Fills memory with contents that no other page has. */
void fill(void *start, uint64_t bytes);

/** Maps and fills; exits where it cannot. NULL for 0 bytes. */
void *take(uint64_t bytes);

/** MADV_FREE, twice: pages that sat in a per-CPU batch are passed over the first time (mm/swap.c), and not the second. */
void free_lazily(void *start, uint64_t bytes);
