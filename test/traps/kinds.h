// Kinds of memory that look like something else.
#pragma once
#include "region.h"

struct region lock_region(size_t bytes);

/** Freed lazily, then locked without a touch: the kernel may not take it back any more. */
struct region lock_freed_region(size_t bytes);

/** Freed lazily while a pipe holds a reference to each page, as a device that reads from it would. */
struct region pin_freed_region(size_t bytes);

/** Huge pages of which the second half of each was freed lazily, or dropped. */
struct region free_huge_halves(size_t bytes);
struct region drop_huge_halves(size_t bytes);

/** Pages that are all the same and may be merged (KSM). */
struct region write_equal_region(size_t bytes);

/** Pages of zeros, written: present, and worth nothing to swap. */
struct region write_zeros(size_t bytes);

/** Memory of free() that the allocator does not give back: what was allocated last lies above it. */
void retain(size_t bytes);

/** Kernel memory: full pipes. */
void fill_pipes(size_t bytes);

/** So many mappings of 16 KiB, each freed lazily, with a hole after each. */
void free_mappings(size_t count);

/** Shared memory; `rewrite` of it makes no anonymous page. */
struct region share(size_t bytes);

/** Writes a file; synced, or left dirty. */
void write_file(const char *path, size_t bytes, int synced);

/** Maps a file and reads every page: page cache that counts as resident. */
struct region map_file(const char *path, size_t bytes);
