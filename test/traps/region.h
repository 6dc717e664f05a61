// Memory whose contents and mappings are known to the page, and how it is left behind.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096u
#define HUGE_BYTES (2048u * 1024)

/** A mapping of this program; `start` is NULL where there is none. */
struct region {
  char *start;
  size_t bytes;
};

/** Ends the program with 1 and one sentence. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

/** Writes contents that neither KSM nor zswap nor the zero page can undo. */
void fill(void *start, size_t bytes);

/** Maps, not yet touched; `alignment` is a power of two. */
struct region map_region(size_t bytes, size_t alignment);

/** Pages of 4 KiB, written. */
struct region write_region(size_t bytes);

/** Huge pages, so much of each written; ends the program where the kernel knows none. */
struct region write_huge_region(size_t bytes, size_t written_bytes);

void free_lazily(struct region region);

/** Writes to each page again. */
void rewrite(struct region region);
