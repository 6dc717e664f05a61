// A target that does one thing after the other, as its arguments say: README.md beside this file lists them.
#include "kinds.h"
#include "region.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE 64
#define CHURN_MS 10

/** What the words so far have made: the last region, the last child, the file. */
static struct {
  struct region last;
  pid_t child;
  const char *file;
} state;

static void sleep_for_ever(void) {
  for (;;) pause();
}

/** A child goes with its parent: a target that was killed leaves nobody behind. */
static void fork_child(size_t own_bytes) {
  pid_t parent = getpid();
  int ready[2];
  char byte = 0;
  if (pipe2(ready, O_CLOEXEC) != 0) fail("pipe: %s", strerror(errno));
  state.child = fork();
  if (state.child < 0) fail("fork: %s", strerror(errno));
  if (state.child > 0) {
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) fail("the child ended too early");
    close(ready[0]);
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  if (own_bytes > 0) write_region(own_bytes);
  if (write(ready[1], &byte, 1) != 1) _exit(1);
  sleep_for_ever();
}

static void do_hold(size_t bytes) { state.last = write_region(bytes); }
static void do_free_lazily(size_t bytes) { free_lazily(state.last = write_region(bytes)); }
static void do_lock(size_t bytes) { state.last = lock_region(bytes); }
static void do_lock_freed(size_t bytes) { state.last = lock_freed_region(bytes); }
static void do_pin_freed(size_t bytes) { state.last = pin_freed_region(bytes); }
static void do_huge(size_t bytes) { state.last = write_huge_region(bytes, HUGE_BYTES); }
static void do_huge_freed(size_t bytes) { state.last = free_huge_halves(bytes); }
static void do_huge_dropped(size_t bytes) { state.last = drop_huge_halves(bytes); }
static void do_huge_sparse(size_t bytes) { state.last = write_huge_region(bytes, sizeof(uint64_t)); }
static void do_equal(size_t bytes) { state.last = write_equal_region(bytes); }
static void do_zeros(size_t bytes) { state.last = write_zeros(bytes); }
static void do_share(size_t bytes) { state.last = share(bytes); }
static void do_file(size_t bytes) { write_file(state.file, bytes, 1); }
static void do_dirty_file(size_t bytes) { write_file(state.file, bytes, 0); }
static void do_map_file(size_t bytes) { state.last = map_file(state.file, bytes); }
static void do_rewrite_last(size_t bytes) {
  rewrite((struct region){state.last.start, bytes < state.last.bytes ? bytes : state.last.bytes});
}

static void do_free_last(size_t ignored) {
  (void)ignored;
  free_lazily(state.last);
}

static void do_drop_last(size_t ignored) {
  (void)ignored;
  if (munmap(state.last.start, state.last.bytes) != 0) fail("munmap: %s", strerror(errno));
}

/** From now on the kernel may put huge pages where the last memory has small ones, and fill what is missing of them. */
static void do_offer_last(size_t ignored) {
  (void)ignored;
  if (madvise(state.last.start, state.last.bytes, MADV_HUGEPAGE) != 0) fail("MADV_HUGEPAGE: %s", strerror(errno));
}

static void do_end_child(size_t ignored) {
  (void)ignored;
  if (kill(state.child, SIGKILL) != 0 || waitpid(state.child, NULL, 0) != state.child) fail("kill: %s", strerror(errno));
}

/** The program that comes after holds so much and nothing of what was. */
static void do_exec(size_t bytes) {
  char word[64];
  snprintf(word, sizeof word, "hold=%zu", bytes);
  execl("/proc/self/exe", "trap", word, "say=executed", (char *)NULL);
  fail("exec: %s", strerror(errno));
}

/** Uses the same memory and frees it lazily, again and again: every pass the kernel may take it once more. */
static void do_churn(size_t bytes) {
  for (struct region region = write_region(bytes);; rewrite(region)) {
    free_lazily(region);
    nanosleep(&(struct timespec){0, CHURN_MS * 1000000}, NULL);
  }
}

static void do_wait(size_t ignored) {
  (void)ignored;
  sigset_t signals;
  int signal;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR2);
  if (sigwait(&signals, &signal) != 0) fail("sigwait failed");
}

static const struct {
  const char *name;
  void (*run)(size_t);
} actions[] = {
    {"hold", do_hold},
    {"free", do_free_lazily},
    {"lock", do_lock},
    {"lock-freed", do_lock_freed},
    {"pin-freed", do_pin_freed},
    {"huge", do_huge},
    {"huge-freed", do_huge_freed},
    {"huge-dropped", do_huge_dropped},
    {"huge-sparse", do_huge_sparse},
    {"equal", do_equal},
    {"zeros", do_zeros},
    {"share", do_share},
    {"write-file", do_file},
    {"dirty-file", do_dirty_file},
    {"map-file", do_map_file},
    {"rewrite-last", do_rewrite_last},
    {"free-last", do_free_last},
    {"drop-last", do_drop_last},
    {"offer-last", do_offer_last},
    {"retain", retain},
    {"kernel", fill_pipes},
    {"mappings", free_mappings},
    {"fork", fork_child},
    {"end-child", do_end_child},
    {"exec", do_exec},
    {"churn", do_churn},
    {"wait", do_wait},
};

static size_t parse_number(const char *word, const char *text) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(text, &end, 10);
  if (text[0] >= '0' && text[0] <= '9' && errno == 0 && number <= SIZE_MAX >> 20) {
    if (strcmp(end, "Mi") == 0) return (size_t)number << 20;
    if (*end == '\0') return (size_t)number;
  }
  fprintf(stderr, "trap: %s does not end in a number, or a number with Mi\n", word);
  exit(EXIT_USAGE);
}

static int is(const char *word, size_t length, const char *name) {
  return strlen(name) == length && strncmp(word, name, length) == 0;
}

static void act(const char *word) {
  size_t length = strcspn(word, "=");
  const char *value = word[length] ? word + length + 1 : "0";
  if (is(word, length, "say")) {
    printf("%s\n", value);
    return;
  }
  if (is(word, length, "path")) {
    state.file = value;
    return;
  }
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    if (!is(word, length, actions[i].name)) continue;
    actions[i].run(parse_number(word, value));
    return;
  }
  fprintf(stderr, "trap: %s is nothing that it can do: see the table in test/traps/README.md\n", word);
  exit(EXIT_USAGE);
}

int main(int count, char **words) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR2);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  setvbuf(stdout, NULL, _IOLBF, PAGE_BYTES);
  for (int i = 1; i < count; i++) act(words[i]);
  sleep_for_ever();
}
