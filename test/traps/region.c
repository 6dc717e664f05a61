#include "region.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  dprintf(STDERR_FILENO, "trap: ");
  vdprintf(STDERR_FILENO, format, arguments);
  dprintf(STDERR_FILENO, "\n");
  va_end(arguments);
  exit(1);
}

void fill(void *start, size_t bytes) {
  static uint64_t seed = 88172645463325252ull;
  uint64_t *words = start;
  for (size_t i = 0; i < bytes / sizeof *words; i++) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    words[i] = seed;
  }
}

struct region map_region(size_t bytes, size_t alignment) {
  char *start = mmap(NULL, bytes + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail("cannot map %zu bytes: %s", bytes, strerror(errno));
  return (struct region){start + (-(uintptr_t)start & (alignment - 1)), bytes};
}

static void refuse_huge_pages(struct region region) {
  // EINVAL: this kernel has no huge pages, so there are none to refuse.
  if (madvise(region.start, region.bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL)
    fail("MADV_NOHUGEPAGE: %s", strerror(errno));
}

struct region write_region(size_t bytes) {
  struct region region = map_region(bytes, PAGE_BYTES);
  refuse_huge_pages(region);
  fill(region.start, bytes);
  return region;
}

struct region write_huge_region(size_t bytes, size_t written_bytes) {
  struct region region = map_region(bytes, HUGE_BYTES);
  if (madvise(region.start, bytes, MADV_HUGEPAGE) != 0) fail("MADV_HUGEPAGE: %s", strerror(errno));
  for (size_t at = 0; at < bytes; at += HUGE_BYTES) fill(region.start + at, written_bytes);
  // What is huge stays so. But khugepaged would put a whole page where a part of one was given back (max_ptes_none).
  refuse_huge_pages(region);
  return region;
}

/** Twice: pages that still sat in a per-CPU batch are passed over the first time (mm/swap.c), and not the second. */
void free_lazily(struct region region) {
  for (int pass = 0; pass < 2; pass++)
    if (madvise(region.start, region.bytes, MADV_FREE) != 0) fail("MADV_FREE: %s", strerror(errno));
}

void rewrite(struct region region) {
  for (size_t at = 0; at < region.bytes; at += PAGE_BYTES) (*(volatile uint64_t *)(void *)(region.start + at))++;
}
