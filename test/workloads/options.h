// What the workload was told, and how it refuses.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096u
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/** Sizes in bytes, rounded up to pages; README.md says what each is for. */
struct options {
  uint64_t freed, dirtied, held, touch_ms, cache, reread_ms, shared, per_second, latency, ready_port;
  uint64_t growth_limit, saw, saw_ms, saw_lazy, warm, warm_ms, huge_pages;
  const char *file, *serve;
};

/** Exits with 64 and one sentence when an argument is wrong. */
struct options parse_options(int count, char **arguments);

__attribute__((noreturn, format(printf, 2, 3))) void fail(int code, const char *format, ...);
