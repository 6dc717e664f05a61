#include "kinds.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIPE_BYTES (1024u * 1024)
#define BLOCK_BYTES (64u * 1024)

struct region lock_region(size_t bytes) {
  struct region region = write_region(bytes);
  if (mlock(region.start, bytes) != 0) fail("mlock: %s", strerror(errno));
  return region;
}

struct region lock_freed_region(size_t bytes) {
  struct region region = write_region(bytes);
  free_lazily(region);
  if (mlock2(region.start, bytes, MLOCK_ONFAULT) != 0) fail("mlock2: %s", strerror(errno));
  return region;
}

struct region pin_freed_region(size_t bytes) {
  struct region region = write_region(bytes);
  free_lazily(region);
  for (size_t at = 0; at < bytes; at += PIPE_BYTES) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) fail("pipe: %s", strerror(errno));
    if (fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0) fail("F_SETPIPE_SZ: %s", strerror(errno));
    for (size_t done = 0; done < PIPE_BYTES && at + done < bytes;) {
      struct iovec piece = {region.start + at + done, PIPE_BYTES - done};
      ssize_t spliced = vmsplice(ends[1], &piece, 1, 0);
      if (spliced <= 0) fail("vmsplice: %s", strerror(errno));
      done += (size_t)spliced;
    }
  }
  return region;
}

static void advise_halves(struct region region, int advice) {
  for (size_t at = 0; at < region.bytes; at += HUGE_BYTES)
    if (madvise(region.start + at + HUGE_BYTES / 2, HUGE_BYTES / 2, advice) != 0) fail("madvise: %s", strerror(errno));
}

struct region free_huge_halves(size_t bytes) {
  struct region region = write_huge_region(bytes, HUGE_BYTES);
  // Twice: see free_lazily.
  advise_halves(region, MADV_FREE);
  advise_halves(region, MADV_FREE);
  return region;
}

struct region drop_huge_halves(size_t bytes) {
  struct region region = write_huge_region(bytes, HUGE_BYTES);
  advise_halves(region, MADV_DONTNEED);
  return region;
}

struct region write_equal_region(size_t bytes) {
  struct region region = write_region(bytes);
  for (size_t at = PAGE_BYTES; at < bytes; at += PAGE_BYTES) memcpy(region.start + at, region.start, PAGE_BYTES);
  if (madvise(region.start, bytes, MADV_MERGEABLE) != 0) fail("MADV_MERGEABLE: %s", strerror(errno));
  return region;
}

struct region write_zeros(size_t bytes) {
  struct region region = write_region(bytes);
  memset(region.start, 0, bytes);
  return region;
}

void retain(size_t bytes) {
  size_t count = bytes / BLOCK_BYTES;
  char **blocks = calloc(count, sizeof *blocks);
  for (size_t i = 0; blocks && i < count; i++) {
    blocks[i] = malloc(BLOCK_BYTES);
    if (!blocks[i]) fail("malloc: %s", strerror(errno));
    fill(blocks[i], BLOCK_BYTES);
  }
  if (!blocks || !malloc(1)) fail("malloc: %s", strerror(errno));
  for (size_t i = 0; i < count; i++) free(blocks[i]);
  free(blocks);
}

void fill_pipes(size_t bytes) {
  static char block[BLOCK_BYTES];
  fill(block, sizeof block);
  for (size_t done = 0; done < bytes; done += BLOCK_BYTES) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) fail("pipe: %s", strerror(errno));
    if (write(ends[1], block, sizeof block) != sizeof block) fail("write: %s", strerror(errno));
  }
}

void free_mappings(size_t count) {
  const size_t bytes = 4 * PAGE_BYTES, distance = 5 * PAGE_BYTES;
  struct region all = map_region(count * distance, PAGE_BYTES);
  for (size_t i = 0; i < count; i++) {
    struct region one = {all.start + i * distance, bytes};
    if (munmap(one.start + bytes, PAGE_BYTES) != 0) fail("munmap: %s", strerror(errno));
    fill(one.start, bytes);
    free_lazily(one);
  }
}

struct region share(size_t bytes) {
  int file = memfd_create("trap", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, (off_t)bytes) != 0) fail("cannot make shared memory: %s", strerror(errno));
  char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (start == MAP_FAILED) fail("cannot map shared memory: %s", strerror(errno));
  fill(start, bytes);
  return (struct region){start, bytes};
}

void write_file(const char *path, size_t bytes, int synced) {
  static char block[BLOCK_BYTES];
  int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) fail("cannot write %s: %s", path, strerror(errno));
  for (size_t done = 0; done < bytes; done += sizeof block) {
    fill(block, sizeof block);
    if (write(file, block, sizeof block) != sizeof block) fail("cannot write %s: %s", path, strerror(errno));
  }
  if (synced && fsync(file) != 0) fail("cannot sync %s: %s", path, strerror(errno));
  close(file);
}

struct region map_file(const char *path, size_t bytes) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("cannot read %s: %s", path, strerror(errno));
  char *start = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
  if (start == MAP_FAILED) fail("cannot map %s: %s", path, strerror(errno));
  close(file);
  for (size_t at = 0; at < bytes; at += PAGE_BYTES) (void)*(volatile char *)(start + at);
  return (struct region){start, bytes};
}
