#include "movement.h"
#include "memory.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

static const struct options *told;
static uint64_t start_ns;

/** A range of which the first `used` bytes are written. */
struct range {
  char *start;
  uint64_t size, used;
};

static struct range saw, warm;

static struct range reserve(uint64_t bytes) {
  if (bytes == 0) return (struct range){0};
  void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) fail(1, "cannot map %llu bytes: %s", (unsigned long long)bytes, strerror(errno));
  if (madvise(start, bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL) fail(1, "MADV_NOHUGEPAGE: %s", strerror(errno));
  return (struct range){.start = start, .size = bytes};
}

static void fill_up_to(struct range *range, double share) {
  uint64_t wanted = (uint64_t)(share * (double)range->size) / PAGE_BYTES * PAGE_BYTES;
  if (wanted <= range->used) return;
  fill(range->start + range->used, wanted - range->used);
  range->used = wanted;
}

static void give_back(struct range *range) {
  if (told->saw_lazy) free_lazily(range->start, range->used);
  else if (munmap(range->start, range->size) == 0) *range = reserve(range->size);
  else fail(1, "munmap: %s", strerror(errno));
  range->used = 0;
}

static double milliseconds(void) { return (double)(now_ns() - start_ns) / 1e6; }

void start_movement(const struct options *options) {
  told = options;
  saw = reserve(options->saw);
  warm = reserve(options->warm);
  start_ns = now_ns();
}

void move_sawtooth(void) {
  static double begun;
  double periods = (milliseconds() - begun) / (double)told->saw_ms;
  if (periods < 1) return fill_up_to(&saw, periods);
  // What is allocated next comes after the collection, however late that was: a heap does not jump out of its valley.
  give_back(&saw);
  begun = milliseconds();
}

void move_warm_up(void) { fill_up_to(&warm, 1 - exp(-milliseconds() / (double)told->warm_ms)); }
