// A target whose memory is known to the page: README.md beside this file lists modes and options.
//
// Pages are 4 KiB on purpose (MADV_NOHUGEPAGE), unless --huge-pages=1 asks otherwise: a huge page would be split,
// zero-filled or copied behind the test's back. Every page has contents of its own, so that neither KSM nor zswap nor the
// zero page can undo it.
#include "memory.h"
#include "movement.h"
#include "options.h"
#include "serve.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024ull * 1024)
#define NS_PER_MS 1000000ull
#define LATENCY_BYTES (4 * MIB)
#define LATENCY_MS 5
#define GROW_MS 100

static struct options options;
static char *held, *watched;
static uint64_t growth_start_ns;
static struct {
  uint64_t touches, last_ns, largest_ns, recent_ns;
} latency;

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

void fill(void *start, uint64_t bytes) {
  static uint64_t seed = 88172645463325252ull;
  uint64_t *words = start;
  for (uint64_t i = 0; i < bytes / sizeof *words; i++) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    words[i] = seed;
  }
}

void *take(uint64_t bytes) {
  if (bytes == 0) return NULL;
  void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail(1, "cannot map %llu bytes: %s", (unsigned long long)bytes, strerror(errno));
  // EINVAL: this kernel has no huge pages, so there are none to refuse.
  if (!options.huge_pages && madvise(start, bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL)
    fail(1, "MADV_NOHUGEPAGE: %s", strerror(errno));
  fill(start, bytes);
  return start;
}

static void touch(char *start, uint64_t bytes) {
  for (uint64_t at = 0; at < bytes; at += PAGE_BYTES) (*(volatile uint64_t *)(void *)(start + at))++;
}

void free_lazily(void *start, uint64_t bytes) {
  for (int pass = 0; bytes > 0 && pass < 2; pass++)
    if (madvise(start, bytes, MADV_FREE) != 0) fail(1, "MADV_FREE: %s", strerror(errno));
}

static void share(uint64_t bytes) {
  if (bytes == 0) return;
  int file = memfd_create("workload", 0);
  if (file < 0 || ftruncate(file, (off_t)bytes) != 0) fail(1, "cannot make shared memory: %s", strerror(errno));
  void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (start == MAP_FAILED) fail(1, "cannot map shared memory: %s", strerror(errno));
  fill(start, bytes);
}

static char buffer[16 * PAGE_BYTES];

static void write_file(void) {
  if (options.cache == 0) return;
  int file = open(options.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) fail(1, "cannot write --file=%s: %s", options.file, strerror(errno));
  for (uint64_t done = 0; done < options.cache; done += sizeof buffer) {
    fill(buffer, sizeof buffer);
    if (write(file, buffer, sizeof buffer) != sizeof buffer) fail(1, "cannot write %s: %s", options.file, strerror(errno));
  }
  if (fsync(file) != 0) fail(1, "cannot sync %s: %s", options.file, strerror(errno));
  close(file);
}

static void read_file(void) {
  int file = open(options.file, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(1, "cannot read --file=%s: %s", options.file, strerror(errno));
  while (read(file, buffer, sizeof buffer) > 0) continue;
  close(file);
}

/** By the clock, not by the call: a rate is what it is told to be on a busy machine too. */
static void grow(void) {
  static uint64_t grown;
  uint64_t wanted = (uint64_t)((double)options.per_second * (double)(now_ns() - growth_start_ns) / 1e9);
  if (options.growth_limit && wanted > options.growth_limit) wanted = options.growth_limit;
  uint64_t bytes = (wanted - grown) / PAGE_BYTES * PAGE_BYTES;
  take(bytes);
  grown += bytes;
}

static void touch_held(void) { touch(held, options.held); }

static void touch_watched(void) {
  touch(watched, LATENCY_BYTES);
  uint64_t now = now_ns(), gap = latency.last_ns == 0 ? 0 : now - latency.last_ns;
  latency.last_ns = now;
  latency.touches++;
  if (gap > latency.largest_ns) latency.largest_ns = gap;
  if (gap > latency.recent_ns) latency.recent_ns = gap;
}

static void print_latency(void) {
  printf("latency touches=%llu largest-gap-ms=%.2f recent-gap-ms=%.2f\n", (unsigned long long)latency.touches,
         (double)latency.largest_ns / NS_PER_MS, (double)latency.recent_ns / NS_PER_MS);
  latency.recent_ns = 0;
}

/**
 * Opens a port, so that a startup probe sees when the memory stands. The kernel answers alone: an exec probe would
 * run foreign processes in the target's cgroup and move the very figures that are looked at.
 */
static void open_ready_port(void) {
  if (options.ready_port == 0) return;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.ready_port)};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0)
    fail(1, "cannot open --ready-port=%d: %s", (int)options.ready_port, strerror(errno));
}

struct task {
  void (*run)(void);
  uint64_t period_ms, next_ns;
};

static void run_for_ever(struct task *tasks, size_t count, const sigset_t *signals) {
  for (;;) {
    uint64_t now = now_ns(), wake = now + 3600000 * NS_PER_MS;
    for (struct task *task = tasks; task < tasks + count; task++) {
      if (task->period_ms == 0) continue;
      if (task->next_ns <= now) {
        task->run();
        // From now, not from when it was due: after a stall the touches go on, they do not catch up.
        task->next_ns = now_ns() + task->period_ms * NS_PER_MS;
      }
      if (task->next_ns < wake) wake = task->next_ns;
    }
    now = now_ns();
    uint64_t rest = wake > now ? wake - now : 0;
    struct timespec timeout = {(time_t)(rest / 1000000000ull), (long)(rest % 1000000000ull)};
    int signal = sigtimedwait(signals, NULL, &timeout);
    if (signal == SIGUSR1 && options.latency) print_latency();
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

int main(int count, char **arguments) {
  options = parse_options(count, arguments);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  setvbuf(stdout, NULL, _IOLBF, PAGE_BYTES);

  write_file();
  char *freed = take(options.freed);
  held = take(options.held);
  watched = options.latency ? take(LATENCY_BYTES) : NULL;
  share(options.shared);
  free_lazily(freed, options.freed);
  touch(freed, options.dirtied);
  start_serving(options.serve, held, options.held);
  printf("ready pid=%d freed=%llu dirtied=%llu held=%llu shared=%llu cache=%llu\n", getpid(),
         (unsigned long long)options.freed, (unsigned long long)options.dirtied, (unsigned long long)options.held,
         (unsigned long long)options.shared, (unsigned long long)options.cache);
  open_ready_port();
  start_movement(&options);
  growth_start_ns = now_ns();

  struct task tasks[] = {
      {touch_watched, options.latency ? LATENCY_MS : 0, 0},
      {print_latency, options.latency ? 1000 : 0, now_ns() + 1000 * NS_PER_MS},
      {touch_held, options.touch_ms, 0},
      {read_file, options.cache ? options.reread_ms : 0, 0},
      {grow, options.per_second ? GROW_MS : 0, now_ns() + GROW_MS * NS_PER_MS},
      {move_sawtooth, options.saw ? MOVE_MS : 0, 0},
      {move_warm_up, options.warm ? MOVE_MS : 0, 0},
  };
  run_for_ever(tasks, LENGTH(tasks), &signals);
  if (options.latency) print_latency();
  printf("stopped\n");
  return 0;
}
