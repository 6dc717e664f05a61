/*
 * balloon: holds memory beside a target, and lets go of it and puts limits back, whatever else dies.
 *
 * Three processes (PROTOCOL.md is the contract with whoever starts the first):
 *   guardian  the process that is started; watches, answers, restores. Holds no memory, never waits for the others.
 *   worker    holds the memory, in the balloon's cgroup under the target's pod.
 *   helper    makes the writes that the kernel may keep busy for long (v1 limit, v2 memory.reclaim).
 * With --method=reclaim nothing is held: the helper asks the kernel, and the worker is there to restore, outside the pod.
 * Each of them restores the boundary's limit when the guardian dies; `balloon repair` does when all died.
 *
 * Why no two of them share an open limit file: kernfs holds a mutex of the open file during a read or a write, so a
 * write that reclaims for a second would block a restore through an inherited descriptor.
 *
 * With --node=1 the boundary is the balloon's own pod, where no limit is written: the node itself is what runs short.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define BALLOON "memoryprobe"
#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)
#define NO_LIMIT UINT64_MAX
#define NS_PER_MS ((uint64_t)1000000)

enum {
    TICK_MS = 50,             /* a guard's crossing is seen within this, */
    REST_FACTOR = 4,          /* after a look the guardian rests so much longer: it runs ahead of all, and leaves them a CPU */
    GLANCE_MS = 5,            /* and that of the node's memory, which may go at GiB a second, or of the pressure, within this */
    PRESSURE_SAMPLES = 11,    /* ends of ten ticks: the last 500 ms */
    PRESSURE_WINDOW_MS = 500,
    MIN_LATENESS_MS = 5,      /* of the guardian's own wake-up; below it timers are no better */
    STEP_SAMPLES = 15,        /* of which the median is taken */
    MIN_PATIENCE_MS = 50,     /* below it a single penalty of memory.high looks like the wall */
    AWAKE_FACTOR = 2,         /* patience at the boundary with a worker that is not asleep: it reclaims, or waits for a CPU */
    MAX_PATIENCE_MS = 2000,   /* with however little of a CPU */
    STARVED_FACTOR = 10,      /* patience where the boundary is not what holds the worker up */
    HELPER_PATIENCE_MS = 2000,
    LEAD_PATIENCE_MS = 10000, /* a reclaim that finds nothing walks all lists 17 times; nobody but the helper waits */
    RELEASE_PATIENCE_MS = 1000,
    START_PATIENCE_MS = 3000,
    END_PATIENCE_MS = 5000,
    OVERDUE_MS = 10000,       /* a guardian that is so late is not alive, whoever holds its lock */
    DYING_MS = 500,           /* from a kill to the end of the locks of the killed */
    OVERHEAD_MIB = 4,         /* of the worker itself in its cgroup */
    SLICE_MIB = 4,            /* what the step watch looks at */
    HUGE_MIB = 2,             /* a huge page; kernels that have others get small ones */
    HUGE_ORDER = 9,           /* in pages of 4 KiB */
    SPARE_HUGE_PAGES = 32,    /* left to others: with fewer free the kernel might have to make one */
    RECLAIM_CHUNK_MIB = 32,
    ARENAS = 8,               /* levels between the root and a pod; the kubelet makes at most four */
    ARENA_MARGIN_MIB = 16,    /* what the others in there may want between two looks */
    SWAPPING_CHUNK_MIB = 4,   /* where a reclaim may swap: no more than this goes before it is seen */
    REMEMBERED_SPACES = 6,    /* address spaces whose translations one CPU keeps at a time: TLB_NR_DYN_ASIDS of x86 */
    MAX_CPUS = 8192,          /* NR_CPUS of a kernel with MAXSMP */
    LINE_BYTES = 256,
    FILE_BYTES = 16384,
    STACK_BYTES = 65536,
};

struct settings {
    const char *boundary, *target, *root;
    uint64_t version, cap_bytes, deadline_ms, max_pressure_percent, min_node_available_bytes, step_patience_ms,
        cpu_percent, node, silence_ms;
    bool repair, all, reclaim;
};

/* What a restore has to know; in memory that all three share, charged to the guardian's cgroup. */
struct record {
    char old_text[24];
    uint64_t old_value;
    _Atomic uint64_t wrote[2]; /* 0: none. Two, because one squeeze may follow another without a restore between */
    _Atomic uint64_t held_bytes, swap_start;
    _Atomic pid_t helper, watch; /* watch: the worker's second thread */
    pid_t guardian;
    uint64_t deadline_ns; /* CLOCK_MONOTONIC */
};

enum op { OP_HELLO, OP_GROW, OP_SLICE, OP_RELEASE, OP_SHRINK, OP_LEAD, OP_RECLAIM };

struct message {
    enum op op;
    int error;
    uint64_t bytes, us;
};

struct child {
    pid_t pid; /* 0: none */
    int socket;
    bool ended; /* its end of the socket is closed: there is nothing to wait for but its death */
};

/* A cgroup above the balloon that has a limit, such as the kubelet's for all pods: descriptors of its files. */
struct arena {
    int limit, high, usage, stat; /* high: -1 on v1 */
};

/* What the guardian is waiting for. It waits for one thing at a time, and never in a blocking call. */
enum task { TASK_NONE, TASK_ROOM, TASK_LEAD, TASK_GROW, TASK_SHRINK, TASK_RECLAIM, TASK_RELEASE, TASK_LET_GO };

/* What is said once all is let go of. */
enum answer { SAY_NOTHING, SAY_CANCELED, SAY_STALLED, SAY_RELEASED };

struct guardian {
    struct settings settings;
    struct record *record;
    int boundary, balloon, lock, limit, usage, maximum, swap, pressure, meminfo, root_stat, root_usage, reclaim, signals;
    struct arena arenas[ARENAS];
    size_t arena_count;
    int limited; /* the cgroup whose limit is written: the boundary, or with reclaim on v1 the target */
    struct child worker, helper;
    bool worker_dying, squeezing, armed, quitting, reclaim_lead, cpu_limited;
    bool knows_swappiness; /* memory.reclaim takes `swappiness=0`: then it never swaps */
    bool swaps;            /* the node has swap */
    bool shrinking;        /* v1: the helper may lower the limit at any moment until it has answered or is dead */
    bool reclaiming;       /* v2: the helper may take pages until it has answered or is dead */
    enum task task;
    enum answer answer;
    const char *lead_end; /* how the reclaim before the growth ended */
    uint64_t started_ns, heard_ns, tick_ns, glance_ns, task_ns, slice_ns, end_ns;
    uint64_t seen_available, seen_spare; /* MemAvailable at the last whole look, and what was left above the floors */
    uint64_t asleep_ns; /* since when the worker was seen asleep at the boundary; below slice_ns: not */
    uint64_t goal_high, goal_bytes, step_bytes, stalled_bytes, asked_bytes, shrink_limit;
    uint64_t slice_us[STEP_SAMPLES], slices;
    uint64_t stalled_us[PRESSURE_SAMPLES], ticks;
    unsigned pressure_percent, peak_percent;
    bool too_long;
    char input[LINE_BYTES];
    size_t input_length;
};

/* ---- small things ---- */

static uint64_t now_ns(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000 * NS_PER_MS + (uint64_t)t.tv_nsec;
}

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static uint64_t page_bytes(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

__attribute__((format(printf, 2, 3))) _Noreturn static void bail(int code, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    (void)fputs("balloon: ", stderr);
    (void)vfprintf(stderr, format, words);
    (void)fputc('\n', stderr);
    va_end(words);
    exit(code);
}

/* Whole decimal numbers only: no sign, no blank, no overflow. */
static bool parse_number(const char *text, uint64_t *ret)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret = value;
    return true;
}

/* The text of a limit file or a record's name: "max" or bytes. */
static bool parse_limit(const char *text, uint64_t *ret)
{
    if (strcmp(text, "max") == 0) {
        *ret = NO_LIMIT;
        return true;
    }
    return parse_number(text, ret);
}

/* ---- files of the kernel ---- */

static bool read_text(int fd, char *text, size_t size)
{
    ssize_t length = pread(fd, text, size - 1, 0);
    if (length < 0)
        return false;
    text[length] = '\0';
    return true;
}

static bool read_limit(int fd, uint64_t *ret)
{
    char text[64];
    if (!read_text(fd, text, sizeof text))
        return false;
    text[strcspn(text, "\n")] = '\0';
    return parse_limit(text, ret);
}

static bool write_text(int fd, const char *text)
{
    return pwrite(fd, text, strlen(text), 0) == (ssize_t)strlen(text);
}

static bool write_file(int directory, const char *name, const char *text)
{
    int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write_text(fd, text);
    int error = errno;
    (void)close(fd);
    errno = error;
    return written;
}

/* The number behind `key` in a text of lines "key number" (memory.stat) or "key: number kB" (meminfo). */
static bool find_number(const char *text, const char *key, uint64_t *ret)
{
    size_t length = strlen(key);
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && (line[length] == ' ' || line[length] == ':')) {
            *ret = strtoull(line + length + 1, NULL, 10);
            return true;
        }
    }
    return false;
}

static const char *limit_name(uint64_t version)
{
    return version == 2 ? "memory.high" : "memory.limit_in_bytes";
}

/* O_NONBLOCK: kernels that know it (6.16) then do not reclaim in the writer of memory.high; others take no notice. */
static int open_limit(int boundary, uint64_t version)
{
    return openat(boundary, limit_name(version), O_RDWR | O_CLOEXEC | O_NONBLOCK);
}

static bool is_v1(const struct guardian *g)
{
    return g->settings.version == 1;
}

/* ---- the boundary's limit ---- */

enum restored { RESTORED, FOREIGN, GONE, FAILED };

static bool was_written(const struct record *record, uint64_t value)
{
    return value != 0 && (record->wrote[0] == value || record->wrote[1] == value);
}

/*
 * The heart of it: puts the old limit back where the limit is still one of ours. Raising a limit never reclaims, so
 * this does not block. No allocation, no lock: it is also called from a signal handler and from the worker's watch.
 */
static enum restored put_back(int limit, const struct record *record)
{
    uint64_t value;
    if (!read_limit(limit, &value))
        return errno == ENODEV || errno == ENOENT ? GONE : FAILED;
    if (value == record->old_value)
        return RESTORED;
    if (!was_written(record, value))
        return FOREIGN;
    if (!write_text(limit, record->old_text))
        return errno == ENODEV ? GONE : FAILED;
    return read_limit(limit, &value) && value == record->old_value ? RESTORED : FAILED;
}

static void record_name(char *name, size_t size, uint64_t value)
{
    (void)snprintf(name, size, "wrote-%" PRIu64, value);
}

/* Before a value is written: on disk, so to say, for a repair; in memory for the other two. */
static bool announce(const struct guardian *g, uint64_t value)
{
    char name[40];
    record_name(name, sizeof name, value);
    if (mkdirat(g->balloon, name, 0755) < 0 && errno != EEXIST)
        return false;
    g->record->wrote[1] = g->record->wrote[0];
    g->record->wrote[0] = value;
    return true;
}

/* Once a value can be the boundary's no more. */
static void forget(const struct guardian *g, unsigned slot)
{
    char name[40];
    uint64_t value = g->record->wrote[slot];
    if (value == 0)
        return;
    g->record->wrote[slot] = 0;
    if (was_written(g->record, value))
        return;
    record_name(name, sizeof name, value);
    (void)unlinkat(g->balloon, name, AT_REMOVEDIR);
}

/* Raises the boundary to what it was. The records stay where that failed: the next look, or a repair, needs them. */
static enum restored restore(struct guardian *g)
{
    enum restored end = put_back(g->limit, g->record);
    /* A v1 helper that is still at it may lower the limit once more: its end brings us here again. */
    if (end != FAILED && !g->shrinking) {
        forget(g, 0);
        forget(g, 1);
    }
    g->squeezing = g->squeezing && end == FAILED;
    return end;
}

/* ---- taking the balloon's cgroup away ---- */

static void kill_members(int balloon)
{
    char text[FILE_BYTES];
    if (write_file(balloon, "cgroup.kill", "1"))
        return;
    int fd = openat(balloon, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read_text(fd, text, sizeof text))
        for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
            uint64_t pid;
            if (parse_number(line, &pid) && pid > 1)
                (void)kill((pid_t)pid, SIGKILL);
        }
    (void)close(fd);
}

static bool has_members(int balloon)
{
    char text[64];
    int fd = openat(balloon, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    bool members = fd >= 0 && (!read_text(fd, text, sizeof text) || text[0] != '\0');
    if (fd >= 0)
        (void)close(fd);
    return members;
}

static void remove_records(int balloon)
{
    int fd = openat(balloon, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (list == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        if (entry->d_type == DT_DIR && strchr(entry->d_name, '-') != NULL)
            (void)unlinkat(balloon, entry->d_name, AT_REMOVEDIR);
    (void)closedir(list);
}

/* Another cgroup of that name is the next balloon's: ours is gone then. */
static bool is_replaced(int boundary, int balloon)
{
    struct stat ours, there;
    return fstat(balloon, &ours) == 0 && fstatat(boundary, BALLOON, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_ino != there.st_ino;
}

/*
 * Kills what is left in the balloon's cgroup and removes it. The kernel may need a moment after the last exit. Records
 * go only when no member is left: a cgroup with members and without records is taken for somebody else's. Two may do
 * this at a time (the helper and a repair): each is content when it is gone.
 */
static bool clean(int boundary, int balloon)
{
    for (int tries = 0; tries < 400; tries++) {
        kill_members(balloon);
        if (!has_members(balloon))
            remove_records(balloon);
        if (is_replaced(boundary, balloon) || unlinkat(boundary, BALLOON, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENODEV)
            return true;
        pause_ms(5);
    }
    return false;
}

/* ---- worker ---- */

struct worker {
    struct record *record;
    int limit, socket;
    uint64_t version, cap_bytes;
    char *mapping, *memory; /* memory: the first edge of a huge page in it */
    uint64_t random;
    int free_areas; /* /proc/buddyinfo; -1: small pages only */
    bool touch_only;
};

/* xorshift64: pages that differ, so that neither KSM nor a zero page nor a compressing swap undoes the balloon. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* One piece, small enough that a kill gets through at once. 0 or an errno. */
static int fill(struct worker *w, char *piece, uint64_t bytes)
{
    while (!w->touch_only && madvise(piece, bytes, MADV_POPULATE_WRITE) < 0) {
        if (errno == EINVAL)
            w->touch_only = true; /* before 5.14: the writes below fault the pages in */
        else if (errno != EINTR && errno != EAGAIN)
            return errno;
    }
    uint64_t page = page_bytes();
    for (uint64_t at = 0; at < bytes; at += page)
        *(volatile uint64_t *)(void *)(piece + at) = next_random(&w->random);
    return 0;
}

static uint64_t mapping_bytes(const struct worker *w)
{
    return w->cap_bytes + HUGE_MIB * MIB;
}

/* Small pages, but where fill_huge says otherwise. MAP_NORESERVE: the cap is address space, not memory. */
static int reserve(struct worker *w)
{
    void *mapping = mmap(NULL, mapping_bytes(w), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
        return errno;
    (void)madvise(mapping, mapping_bytes(w), MADV_NOHUGEPAGE);
    w->mapping = mapping;
    w->memory = w->mapping + (HUGE_MIB * MIB - (uintptr_t)mapping % (HUGE_MIB * MIB));
    return 0;
}

static int open_free_areas(void)
{
    uint64_t bytes = 0;
    int size = open("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", O_RDONLY | O_CLOEXEC);
    bool fits = size >= 0 && read_limit(size, &bytes) && bytes == HUGE_MIB * MIB && page_bytes() == 4 * KIB;
    if (size >= 0)
        (void)close(size);
    return fits ? open("/proc/buddyinfo", O_RDONLY | O_CLOEXEC) : -1;
}

/* "Node 0, zone   Normal   0   2 ...": free blocks of each order, from 0 on. Gives those of a huge page, and the node. */
static uint64_t count_huge_pages(char *line, uint64_t *ret_node)
{
    uint64_t pages = 0, blocks;
    int field = 0;
    for (char *word; (word = strsep(&line, " ")) != NULL;) {
        if (*word == '\0')
            continue;
        int order = field++ - 4;
        if (field == 2)
            *ret_node = strtoull(word, NULL, 10);
        else if (order >= HUGE_ORDER && parse_number(word, &blocks))
            pages += blocks << (order - HUGE_ORDER);
    }
    return pages;
}

/*
 * A kernel that has no huge page at hand may stop the worker to make one, by compaction or reclaim. So they are only asked
 * for where plenty are free, on that node of the machine that has the fewest: a page may come from any.
 */
static bool has_huge_pages(const struct worker *w)
{
    char text[FILE_BYTES];
    uint64_t least = NO_LIMIT, sum = 0, node = NO_LIMIT;
    if (w->free_areas < 0 || !read_text(w->free_areas, text, sizeof text))
        return false;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0';) {
        uint64_t of = NO_LIMIT, pages = count_huge_pages(line, &of);
        if (of != node && node != NO_LIMIT && sum < least)
            least = sum;
        sum = of == node ? sum + pages : pages;
        node = of;
    }
    least = sum < least ? sum : least;
    return least > SPARE_HUGE_PAGES;
}

/*
 * Whole huge pages within the goal, else small ones: the balloon is never larger than it says, nor will the kernel make it so
 * (it may fill up what is advised to be huge). They are given back 30 times as fast as small ones. 0 or an errno.
 */
static int fill_next(struct worker *w, uint64_t held, uint64_t goal, uint64_t *ret_bytes)
{
    uint64_t huge = HUGE_MIB * MIB, left = goal - held, edge = huge - held % huge;
    char *start = w->memory + held;
    if (edge == huge && left >= huge && has_huge_pages(w)) {
        (void)madvise(start, huge, MADV_HUGEPAGE); /* a kernel without them says EINVAL, ignoring */
        *ret_bytes = huge;
        return fill(w, start, huge);
    }
    left = left < edge ? left : edge;
    *ret_bytes = left < MIB ? left : MIB;
    return fill(w, start, *ret_bytes);
}

static void tell(int socket, struct message message)
{
    (void)send(socket, &message, sizeof message, MSG_NOSIGNAL);
}

/* Grows slice by slice and says so after each: the guardian's step watch lives on that. */
static void grow(struct worker *w, uint64_t goal)
{
    uint64_t slice = 0, slice_start = now_ns(CLOCK_MONOTONIC), held = w->record->held_bytes;
    int error = w->mapping == NULL ? reserve(w) : 0;
    while (error == 0 && held < goal) {
        uint64_t piece;
        error = fill_next(w, held, goal, &piece);
        if (error != 0)
            break;
        held += piece;
        slice += piece;
        w->record->held_bytes = held;
        if (slice >= SLICE_MIB * MIB && held < goal) {
            uint64_t now = now_ns(CLOCK_MONOTONIC);
            tell(w->socket, (struct message){.op = OP_SLICE, .bytes = slice, .us = (now - slice_start) / 1000});
            slice = 0;
            slice_start = now;
        }
    }
    tell(w->socket, (struct message){.op = OP_GROW, .error = error, .bytes = held});
}

static void deflate(struct worker *w)
{
    if (w->mapping != NULL)
        (void)munmap(w->mapping, mapping_bytes(w));
    w->mapping = NULL;
    w->record->held_bytes = 0;
    tell(w->socket, (struct message){.op = OP_RELEASE});
}

/* A helper that dies with the guardian may have one last success in the kernel: wait until it is really gone. */
static void await_helper(const struct record *record)
{
    int fd = (int)syscall(SYS_pidfd_open, record->helper, 0);
    if (fd < 0)
        pause_ms(errno == ESRCH ? 0 : 50);
    else
        (void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 200);
}

_Noreturn static void let_go_alone(const struct worker *w)
{
    (void)put_back(w->limit, w->record);
    if (w->version == 1 && w->record->wrote[0] != 0) {
        await_helper(w->record);
        (void)put_back(w->limit, w->record);
    }
    _exit(0);
}

/*
 * The worker's second thread: the first may be throttled in the kernel when the guardian dies. It never allocates.
 * Its own clock lets go where the guardian was stopped or frozen and cannot.
 */
static void *watch_guardian(void *argument)
{
    const struct worker *w = argument;
    sigset_t signals;
    w->record->watch = (pid_t)syscall(SYS_gettid);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    for (;;) {
        uint64_t now = now_ns(CLOCK_MONOTONIC), late = w->record->deadline_ns + OVERDUE_MS / 2 * NS_PER_MS;
        uint64_t wait = late > now ? late - now : 0;
        struct timespec timeout = {.tv_sec = (time_t)(wait / 1000 / NS_PER_MS),
                                   .tv_nsec = (long)(wait % (1000 * NS_PER_MS))};
        if (sigtimedwait(&signals, NULL, &timeout) > 0 || (errno == EAGAIN && wait == 0))
            let_go_alone(w);
    }
}

static bool start_watch(struct worker *w)
{
    static char stack[STACK_BYTES] __attribute__((aligned(4096)));
    pthread_t thread;
    pthread_attr_t attributes;
    memset(stack, 1, sizeof stack);
    return pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, stack, sizeof stack) == 0 &&
           pthread_create(&thread, &attributes, watch_guardian, w) == 0;
}

/* Into the balloon's cgroup before anything is allocated, and the first to die where memory ends. */
static bool enter(int balloon)
{
    return write_file(AT_FDCWD, "/proc/self/oom_score_adj", "1000") && write_file(balloon, "cgroup.procs", "0");
}

_Noreturn static void run_worker(const struct guardian *g, int socket)
{
    static struct worker w;
    w = (struct worker){.record = g->record,
                        .socket = socket,
                        .version = g->settings.version,
                        .cap_bytes = g->settings.cap_bytes,
                        .random = now_ns(CLOCK_MONOTONIC) | 1};
    w.limit = open_limit(g->limited, w.version);
    w.free_areas = open_free_areas();
    bool inside = g->settings.reclaim || enter(g->balloon); /* one that holds nothing need not cost the pod anything */
    bool ready = w.limit >= 0 && inside && start_watch(&w);
    tell(socket, (struct message){.op = OP_HELLO, .error = ready ? 0 : errno});
    (void)mlockall(MCL_CURRENT); /* it is small; where locking is limited it may fail, ignoring */
    for (struct message order; ready && recv(socket, &order, sizeof order, 0) == sizeof order;) {
        if (order.op == OP_GROW)
            grow(&w, order.bytes);
        else
            deflate(&w);
    }
    let_go_alone(&w); /* end of file: the guardian is gone */
}

/* ---- helper ---- */

/*
 * What the whole node has swapped out since it was started, compressed or not. /proc/vmstat comes in pieces. Of its counters
 * pswpout is as old as the file.
 */
static bool node_swapped(const struct guardian *g, uint64_t *ret)
{
    static char text[FILE_BYTES];
    size_t length = 0;
    for (ssize_t piece; length < sizeof text - 1; length += (size_t)piece) {
        piece = pread(g->swap, text + length, sizeof text - 1 - length, (off_t)length);
        if (piece < 0)
            return false;
        if (piece == 0)
            break;
    }
    text[length] = '\0';
    uint64_t written, compressed = 0, zeroes = 0;
    if (!find_number(text, "pswpout", &written))
        return false;
    (void)find_number(text, "zswpout", &compressed); /* they came later: what is not there was not done, ignoring */
    (void)find_number(text, "swpout_zero", &zeroes);
    *ret = (written + compressed + zeroes) * page_bytes();
    return true;
}

/* Swap of all that is pressed: no container of the pod may be pushed out; with --node nobody. The balloon has none. */
static bool swap_bytes(const struct guardian *g, uint64_t *ret)
{
    static char text[FILE_BYTES];
    if (g->settings.node)
        return node_swapped(g, ret);
    if (g->swap < 0 || !read_text(g->swap, text, sizeof text))
        return false;
    if (!is_v1(g)) {
        text[strcspn(text, "\n")] = '\0';
        return parse_number(text, ret);
    }
    return find_number(text, "total_swap", ret);
}

static struct {
    const struct guardian *guardian;
    int limit;
} helper;

_Noreturn static void bury_guardian(void)
{
    const struct guardian *g = helper.guardian;
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL); /* else the handler might run in the middle of a malloc below */
    (void)put_back(helper.limit, g->record);
    (void)clean(g->boundary, g->balloon);
    _exit(0);
}

/*
 * SIGTERM: the guardian died (parent-death signal), or somebody wants the helper alone to end. It also breaks off a
 * write that reclaims. All in the handler, so that no moment lies between a look at a flag and a blocking call.
 */
static void end_helper(int signal)
{
    (void)signal;
    if (getppid() != helper.guardian->record->guardian)
        bury_guardian();
    (void)put_back(helper.limit, helper.guardian->record);
    _exit(0);
}

/*
 * v1. Writing a limit below the usage makes the kernel reclaim in this process until the usage fits: only then the
 * limit changes (EBUSY or a signal: it did not). Between the two writes the target could meet the tight limit: no work
 * between them, a high priority, and the agent leaves so much takeable that reclaim still has something to give. ESTALE: the limit is
 * not what it was, so the second write would undo somebody else's; between two steps nobody looks.
 */
static int shrink(const struct guardian *g, uint64_t value)
{
    char text[24];
    uint64_t limit;
    if (!read_limit(helper.limit, &limit))
        return errno;
    if (limit != g->record->old_value)
        return ESTALE;
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    if (!write_text(helper.limit, text))
        return errno;
    return write_text(helper.limit, g->record->old_text) ? 0 : EIO;
}

/* v2. One request, small enough that a kill gets through soon. EAGAIN: there was less than that. 0 or an errno. */
static int ask_kernel(const struct guardian *g, uint64_t bytes)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%" PRIu64 "%s", bytes, g->knows_swappiness ? " swappiness=0" : "");
    return write_text(g->reclaim, text) ? 0 : errno;
}

/* v2 with swap. Takes lazily freed pages and page cache from the target first, and never swaps. */
static int lead(const struct guardian *g, uint64_t bytes)
{
    for (uint64_t left = bytes; left > 0;) {
        uint64_t chunk = left < RECLAIM_CHUNK_MIB * MIB ? left : RECLAIM_CHUNK_MIB * MIB;
        int error = ask_kernel(g, chunk);
        if (error != 0)
            return error;
        left -= chunk;
    }
    return 0;
}

static bool has_swapped(const struct guardian *g)
{
    uint64_t swapped;
    return swap_bytes(g, &swapped) && swapped > g->record->swap_start;
}

/*
 * v2, method reclaim. Says after each chunk how far it came: what was taken before an EAGAIN counts. ENOSPC, which the
 * kernel does not say here: something went to swap since the squeeze began, and no more is asked for.
 */
static int reclaim(const struct guardian *g, uint64_t bytes, int socket)
{
    uint64_t most = (g->swaps && !g->knows_swappiness ? SWAPPING_CHUNK_MIB : RECLAIM_CHUNK_MIB) * MIB;
    for (uint64_t asked = 0; asked < bytes;) {
        uint64_t chunk = bytes - asked < most ? bytes - asked : most;
        int error = ask_kernel(g, chunk);
        if (error != 0 && error != EAGAIN)
            return error;
        asked += chunk;
        tell(socket, (struct message){.op = OP_SLICE, .bytes = asked});
        if (g->swaps && has_swapped(g))
            return ENOSPC;
        if (error != 0)
            return error;
    }
    return 0;
}

static int help(const struct guardian *g, const struct message *order, int socket)
{
    if (order->op == OP_SHRINK)
        return shrink(g, order->bytes);
    return order->op == OP_LEAD ? lead(g, order->bytes) : reclaim(g, order->bytes, socket);
}

_Noreturn static void run_helper(const struct guardian *g, int socket)
{
    helper.guardian = g;
    helper.limit = open_limit(g->limited, g->settings.version);
    (void)mlockall(MCL_CURRENT);
    if (is_v1(g))
        (void)setpriority(PRIO_PROCESS, 0, -20); /* not allowed everywhere, ignoring */
    struct sigaction action = {.sa_handler = end_helper};
    (void)sigaction(SIGTERM, &action, NULL);
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_UNBLOCK, &signals, NULL);
    for (struct message order; recv(socket, &order, sizeof order, 0) == sizeof order;) {
        int error = help(g, &order, socket);
        tell(socket, (struct message){.op = order.op, .error = error});
    }
    bury_guardian(); /* end of file: it is gone, though perhaps not yet reaped */
}

/* ---- guardian: children ---- */

static void close_child(struct child *child)
{
    if (child->pid != 0)
        (void)close(child->socket);
    child->pid = 0;
}

/*
 * In a child: what it must not keep open. The standard streams are the agent's, and it waits for their end; the lock
 * says that the guardian lives; a sibling's socket would hide the guardian's end from the sibling.
 */
static void leave_guardian(struct guardian *g)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++)
        (void)dup2(null, fd);
    (void)close(g->lock);
    (void)close(g->signals);
    close_child(&g->worker);
    close_child(&g->helper);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != g->record->guardian)
        (void)raise(SIGTERM); /* it died before the line above; blocked until the child is ready to see it */
}

static bool spawn(struct guardian *g, struct child *child, void (*run)(const struct guardian *, int))
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(pair[0]);
        leave_guardian(g);
        run(g, pair[1]);
    }
    (void)close(pair[1]);
    if (pid < 0) {
        (void)close(pair[0]);
        return false;
    }
    *child = (struct child){.pid = pid, .socket = pair[0]};
    return true;
}

/* Waits for the worker's first word: nothing was changed yet, so this one wait harms nobody. */
static int start_worker(struct guardian *g)
{
    struct message hello;
    g->record->held_bytes = 0;
    if (!spawn(g, &g->worker, run_worker))
        return errno;
    struct pollfd end = {.fd = g->worker.socket, .events = POLLIN};
    if (poll(&end, 1, START_PATIENCE_MS) != 1)
        return ETIMEDOUT;
    if (recv(g->worker.socket, &hello, sizeof hello, MSG_DONTWAIT) != sizeof hello)
        return ECHILD;
    return hello.error;
}

static bool start_helper(struct guardian *g)
{
    if (g->helper.pid != 0)
        return true;
    if (!spawn(g, &g->helper, run_helper))
        return false;
    g->record->helper = g->helper.pid;
    return true;
}

/* ---- guardian: answers ---- */

/* An agent that does not read is as good as gone: the guardian must not block on it. */
__attribute__((format(printf, 2, 3))) static void say(struct guardian *g, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list words;
    va_start(words, format);
    int length = vsnprintf(line, sizeof line - 1, format, words);
    va_end(words);
    if (length < 0 || (size_t)length > sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 0) != 1 || write(STDOUT_FILENO, line, (size_t)length) != length)
        g->quitting = true;
}

static void say_failed(struct guardian *g, int error)
{
    say(g, "failed bytes=%" PRIu64 " errno=%s", g->record->held_bytes, strerrorname_np(error));
}

static void say_inflated(struct guardian *g, const char *shrink_end)
{
    uint64_t us = (now_ns(CLOCK_MONOTONIC) - g->task_ns) / 1000;
    char tail[40] = "";
    if (is_v1(g))
        (void)snprintf(tail, sizeof tail, " shrink=%s", shrink_end);
    else if (g->reclaim_lead)
        (void)snprintf(tail, sizeof tail, " lead=%s", g->lead_end);
    g->task = TASK_NONE;
    say(g, "inflated bytes=%" PRIu64 " us=%" PRIu64 "%s", g->record->held_bytes, us, tail);
}

static void say_reclaimed(struct guardian *g, const char *end)
{
    uint64_t us = (now_ns(CLOCK_MONOTONIC) - g->task_ns) / 1000;
    g->task = TASK_NONE;
    say(g, "reclaimed bytes=%" PRIu64 " us=%" PRIu64 " end=%s", g->asked_bytes, us, end);
}

/* ---- guardian: letting go ---- */

/* The balloon's CPU counts against the pod while it inflates; what lets go must not be held up by that. */
static void limit_cpu(struct guardian *g, bool limited)
{
    char text[48] = "max 100000";
    if (g->settings.cpu_percent == 0 || g->cpu_limited == limited)
        return;
    if (limited) {
        /* The shortest period that the kernel allows for the quota: stops of 10 ms, not of 100. */
        uint64_t quota = g->settings.cpu_percent * 100 < 1000 ? 1000 : g->settings.cpu_percent * 100;
        (void)snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64, quota, quota * 100 / g->settings.cpu_percent);
    }
    (void)write_file(g->balloon, "cpu.max", text);
    (void)write_file(g->balloon, "cpu.weight", limited ? "1" : "100");
    g->cpu_limited = limited;
}

/*
 * Raise the boundary FIRST, then give everything back by ending the worker: that works in whatever state it is, and
 * its exit frees as fast as a munmap. The answer is said when it is gone. No inflating until the next squeeze.
 */
static void let_go(struct guardian *g, enum answer answer)
{
    if ((g->shrinking || g->reclaiming) && g->helper.pid != 0)
        (void)kill(g->helper.pid, SIGKILL);
    (void)restore(g);
    limit_cpu(g, false);
    if (g->worker.pid != 0)
        (void)kill(g->worker.pid, SIGKILL);
    g->worker_dying = g->worker.pid != 0;
    g->armed = false;
    if (g->task == TASK_LET_GO)
        return;
    g->task = TASK_LET_GO;
    g->answer = answer;
    g->task_ns = now_ns(CLOCK_MONOTONIC);
}

/*
 * Memory is given back by whichever thread of the worker ends last, and that needs a CPU: 100 ms for 1 GiB of small pages.
 * With what the pod or the balloon has of one it could take seconds, on a node whose memory ends. Not allowed everywhere,
 * ignoring.
 */
static void hurry_worker(const struct guardian *g)
{
    struct sched_param first = {.sched_priority = 1};
    if (g->worker.pid == 0)
        return;
    (void)sched_setscheduler(g->worker.pid, SCHED_RR, &first);
    (void)sched_setscheduler(g->record->watch, SCHED_RR, &first);
}

static void quit(struct guardian *g)
{
    if (g->end_ns != 0)
        return;
    g->quitting = true;
    g->end_ns = now_ns(CLOCK_MONOTONIC) + END_PATIENCE_MS * NS_PER_MS;
    let_go(g, SAY_NOTHING);
}

/* A guard has fired: let go of everything, then say why. */
static void trip(struct guardian *g, const char *guard, const char *value)
{
    let_go(g, g->task == TASK_NONE ? SAY_NOTHING : g->task == TASK_RELEASE ? SAY_RELEASED : SAY_CANCELED);
    hurry_worker(g);
    say(g, "tripped guard=%s value=%s", guard, value);
}

static void trip_number(struct guardian *g, const char *guard, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    trip(g, guard, text);
}

/* Everything that was to be gone is gone: the answer that waited for it. */
static void settle(struct guardian *g)
{
    if (g->task != TASK_LET_GO || g->worker.pid != 0 || g->shrinking || g->reclaiming)
        return;
    g->task = TASK_NONE;
    (void)restore(g);
    if (g->answer == SAY_CANCELED)
        say(g, "failed bytes=0 errno=ECANCELED");
    else if (g->answer == SAY_STALLED)
        say(g, "stalled bytes=%" PRIu64, g->stalled_bytes);
    else if (g->answer == SAY_RELEASED)
        say(g, "released us=%" PRIu64, (now_ns(CLOCK_MONOTONIC) - g->task_ns) / 1000);
}

static void worker_gone(struct guardian *g, int status)
{
    bool expected = g->worker_dying || g->quitting;
    close_child(&g->worker);
    g->worker_dying = false;
    g->record->held_bytes = 0;
    if (!expected)
        trip_number(g, "workerDied", (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
}

static void hear_room(struct guardian *g);

static void helper_gone(struct guardian *g)
{
    bool lowered = g->shrinking;
    bool awaited = g->task == TASK_SHRINK || g->task == TASK_LEAD || g->task == TASK_RECLAIM;
    close_child(&g->helper);
    g->shrinking = g->reclaiming = false;
    if (lowered)
        (void)restore(g);
    if (g->task == TASK_ROOM)
        hear_room(g);
    if (!awaited)
        return;
    g->task = TASK_NONE;
    say_failed(g, EINTR);
}

static void reap(struct guardian *g)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == g->worker.pid)
            worker_gone(g, status);
        else if (pid == g->helper.pid)
            helper_gone(g);
    }
}

/* ---- guardian: watching ---- */

/*
 * limit - (usage - inactive_file): what is left beside the working set of all pods, by which the kubelet evicts too. 0
 * where that cannot be known any more.
 */
static uint64_t arena_available(const struct guardian *g, const struct arena *arena)
{
    static char text[FILE_BYTES];
    uint64_t limit, high = NO_LIMIT, usage, inactive;
    if (!read_limit(arena->limit, &limit) || (arena->high >= 0 && !read_limit(arena->high, &high)) ||
        !read_limit(arena->usage, &usage) ||
        !read_text(arena->stat, text, sizeof text) ||
        !find_number(text, is_v1(g) ? "total_inactive_file" : "inactive_file", &inactive))
        return 0;
    uint64_t working_set = usage > inactive ? usage - inactive : 0;
    limit = high < limit ? high : limit; /* above it everybody in there is throttled */
    return limit > working_set ? limit - working_set : 0;
}

static uint64_t arenas_available(const struct guardian *g)
{
    uint64_t available = NO_LIMIT;
    for (size_t i = 0; i < g->arena_count; i++) {
        uint64_t left = arena_available(g, &g->arenas[i]);
        available = left < available ? left : available;
    }
    return available;
}

/* MemAvailable and MemTotal. */
static bool read_meminfo(const struct guardian *g, uint64_t *ret_available, uint64_t *ret_total)
{
    static char text[FILE_BYTES];
    if (!read_text(g->meminfo, text, sizeof text) || !find_number(text, "MemAvailable", ret_available) ||
        !find_number(text, "MemTotal", ret_total))
        return false;
    *ret_available *= KIB;
    *ret_total *= KIB;
    return true;
}

/*
 * min(MemAvailable, capacity - (root usage - inactive_file)): what the kernel would give, and what the kubelet looks at
 * before it evicts. The root of v2 has no usage of its own: anon + file of its memory.stat, as v1's root counts. Where
 * that is absent MemAvailable stands alone.
 */
static bool node_available(const struct guardian *g, uint64_t *ret)
{
    static char text[FILE_BYTES];
    uint64_t available, total, usage = 0, anon = 0, file = 0, inactive = 0;
    if (!read_meminfo(g, &available, &total))
        return false;
    if (g->root_stat >= 0 && read_text(g->root_stat, text, sizeof text)) {
        bool found = is_v1(g) ? find_number(text, "total_inactive_file", &inactive) && read_limit(g->root_usage, &usage)
                              : find_number(text, "inactive_file", &inactive) && find_number(text, "anon", &anon) &&
                                    find_number(text, "file", &file);
        usage += anon + file;
        uint64_t working_set = usage > inactive ? usage - inactive : 0;
        uint64_t beside = total > working_set ? total - working_set : 0;
        if (found && beside < available)
            available = beside;
    }
    uint64_t left = g->settings.node ? arenas_available(g) : NO_LIMIT;
    *ret = left < available ? left : available;
    return true;
}

/* some avg10=0.00 avg60=0.00 avg300=0.00 total=12345 */
static bool stalled_us(const struct guardian *g, uint64_t *ret)
{
    char text[LINE_BYTES];
    if (g->pressure < 0 || !read_text(g->pressure, text, sizeof text))
        return false;
    const char *total = strstr(text, "total=");
    if (strncmp(text, "some", 4) != 0 || total == NULL)
        return false;
    *ret = strtoull(total + 6, NULL, 10);
    return true;
}

/* Of the window that began with the sample so many ends of ticks after the oldest one. */
static void weigh_pressure(struct guardian *g, uint64_t total, uint64_t later)
{
    uint64_t first = g->ticks < PRESSURE_SAMPLES ? 0 : (g->ticks + later) % PRESSURE_SAMPLES;
    g->pressure_percent = (unsigned)((total - g->stalled_us[first]) / (PRESSURE_WINDOW_MS * 10));
    if (g->pressure_percent > g->peak_percent)
        g->peak_percent = g->pressure_percent;
}

static void sample_pressure(struct guardian *g)
{
    uint64_t total;
    if (!stalled_us(g, &total))
        return;
    g->stalled_us[g->ticks++ % PRESSURE_SAMPLES] = total;
    weigh_pressure(g, total, 0);
}

static bool is_ours(const struct guardian *g, uint64_t limit)
{
    return (g->shrinking && was_written(g->record, limit)) ||
           limit == (g->squeezing ? g->record->wrote[0] : g->record->old_value);
}

/* True where a foreign hand changed the boundary, or it is gone: then it is left as it is. */
static bool check_boundary(struct guardian *g)
{
    uint64_t limit;
    if (!read_limit(g->limit, &limit)) {
        if (errno != ENODEV && errno != ENOENT)
            return false;
        trip(g, "BoundaryChanged", "gone");
        quit(g);
        return true;
    }
    if (is_ours(g, limit))
        return false;
    trip_number(g, "BoundaryChanged", limit);
    return true;
}

static bool has_fallen_short(struct guardian *g, uint64_t left, uint64_t floor, uint64_t growth)
{
    if (left < floor + growth) {
        trip_number(g, "minNodeAvailable", left);
        return true;
    }
    if (left - floor < g->seen_spare)
        g->seen_spare = left - floor;
    return false;
}

/*
 * The node's floor, and before it the end of memory in a cgroup around the pod, such as the kubelet's for all pods, where
 * anybody in there may be killed.
 */
static bool check_node(struct guardian *g, uint64_t growth)
{
    bool inside = !g->settings.reclaim && !g->settings.node;
    uint64_t arenas = inside ? arenas_available(g) : NO_LIMIT, available, total;
    g->seen_spare = NO_LIMIT;
    if (!read_meminfo(g, &g->seen_available, &total))
        g->seen_available = 0;
    return has_fallen_short(g, arenas, arenas == NO_LIMIT ? 0 : ARENA_MARGIN_MIB * MIB, growth) ||
           (node_available(g, &available) && has_fallen_short(g, available, g->settings.min_node_available_bytes, growth));
}

static bool check_swap(struct guardian *g)
{
    uint64_t swapped;
    if (!swap_bytes(g, &swapped) || swapped <= g->record->swap_start + g->step_bytes)
        return false;
    trip_number(g, "swap", swapped - g->record->swap_start);
    return true;
}

/*
 * An agent that is stopped, or stands still in a write that nobody reads, ends nothing: stdin stays open, and the target would
 * be pressed until the deadline. While it waits for an answer it has nothing to say.
 */
static bool check_agent(struct guardian *g)
{
    bool pressing = g->squeezing || g->record->held_bytes > 0;
    uint64_t silent_ms = (now_ns(CLOCK_MONOTONIC) - g->heard_ns) / NS_PER_MS;
    if (g->task != TASK_NONE) {
        g->heard_ns = now_ns(CLOCK_MONOTONIC);
        return false;
    }
    if (!pressing || silent_ms <= g->settings.silence_ms)
        return false;
    trip_number(g, "agentSilent", silent_ms);
    return true;
}

/* Guards fire only while there is something to let go of. */
static bool is_pressing(const struct guardian *g)
{
    return g->armed && !g->quitting && (g->record->held_bytes > 0 || g->task != TASK_NONE || g->squeezing);
}

static void check_pressure(struct guardian *g)
{
    if (g->pressure_percent > g->settings.max_pressure_percent)
        trip_number(g, "maxPressurePercent", g->pressure_percent);
}

/* Between two ticks: the window is shorter by what is not over yet of the tick, so this trips no sooner than it should. */
static void glance_at_pressure(struct guardian *g)
{
    uint64_t total;
    if (g->ticks == 0 || !stalled_us(g, &total))
        return;
    weigh_pressure(g, total, 1);
    check_pressure(g);
}

/*
 * Between two ticks, at 20 us a look: what MemAvailable fell by since the last whole look may be missing wherever room is
 * counted. Where that would be too much the whole look decides, which takes a walk over the cgroups.
 */
static void look_between(struct guardian *g)
{
    uint64_t available, total;
    if (!is_pressing(g))
        return;
    bool short_of = read_meminfo(g, &available, &total) && available + g->seen_spare < g->seen_available;
    if (!short_of || !check_node(g, 0))
        glance_at_pressure(g);
}

/* Every tick. */
static void watch(struct guardian *g)
{
    sample_pressure(g);
    if (now_ns(CLOCK_MONOTONIC) >= g->record->deadline_ns && !g->quitting) {
        trip_number(g, "deadline", g->settings.deadline_ms);
        quit(g);
    }
    if (!is_pressing(g))
        return;
    if (check_boundary(g) || check_node(g, 0) || check_swap(g) || check_agent(g))
        return;
    check_pressure(g);
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* For one slice: three times the median of those seen, never above the setting. */
static uint64_t patience_ns(const struct guardian *g)
{
    uint64_t sorted[STEP_SAMPLES], most = g->settings.step_patience_ms * NS_PER_MS, least = MIN_PATIENCE_MS * NS_PER_MS;
    size_t count = g->slices < STEP_SAMPLES ? g->slices : STEP_SAMPLES;
    if (count == 0 || most < least)
        return most;
    memcpy(sorted, g->slice_us, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_size);
    uint64_t wanted = 3 * sorted[count / 2] * 1000;
    return wanted < least ? least : wanted > most ? most : wanted;
}

/* Is it the boundary that holds the worker up (and then the target too), or only a busy CPU? */
static bool at_the_wall(const struct guardian *g)
{
    uint64_t usage, limit, maximum = NO_LIMIT;
    if (!read_limit(g->usage, &usage) || !read_limit(g->limit, &limit))
        return true;
    if (g->maximum >= 0 && !read_limit(g->maximum, &maximum))
        return true;
    return usage + SLICE_MIB * MIB >= (limit < maximum ? limit : maximum);
}

/*
 * Is the worker asleep in the kernel? Whoever is above memory.high is put to sleep (schedule_timeout_killable: state D)
 * where reclaim did not help; a worker in want of a CPU, or one that reclaims, is not (state R).
 */
static bool is_worker_asleep(const struct guardian *g)
{
    char path[32], text[FILE_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)g->worker.pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool read = fd >= 0 && read_text(fd, text, sizeof text);
    if (fd >= 0)
        (void)close(fd);
    const char *name_end = read ? strrchr(text, ')') : NULL; /* 26 (balloon) D 1 ... */
    return name_end == NULL || strncmp(name_end, ") D", 3) == 0;
}

/* With a share of a CPU a worker that is awake takes longer; one that sleeps at the boundary does not. */
static uint64_t awake_patience_ns(const struct guardian *g)
{
    uint64_t most = g->settings.step_patience_ms, percent = g->settings.cpu_percent;
    if (percent == 0 || percent >= 100 || most >= MAX_PATIENCE_MS)
        return most * NS_PER_MS;
    uint64_t stretched = most * 100 / percent;
    return (stretched < MAX_PATIENCE_MS ? stretched : MAX_PATIENCE_MS) * NS_PER_MS;
}

/*
 * For a slice beyond patience_ns. Where it cannot be known what holds it up, the least. A worker with a share of a CPU is
 * often that late: seen asleep once says little then, for a while without a break it is the boundary.
 */
static bool is_stalled(struct guardian *g, uint64_t slice)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC), most = awake_patience_ns(g);
    bool stretched = most > g->settings.step_patience_ms * NS_PER_MS, wall = at_the_wall(g);
    if (!wall || !is_worker_asleep(g)) {
        g->asleep_ns = 0;
        return slice >= most * (wall ? AWAKE_FACTOR : STARVED_FACTOR);
    }
    if (g->asleep_ns < g->slice_ns)
        g->asleep_ns = now;
    return !stretched || now - g->asleep_ns >= MIN_PATIENCE_MS * NS_PER_MS;
}

/* What the guardian does about each thing that it waits for and that does not come. */
static void check_patience(struct guardian *g)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC), waited = now - g->task_ns, slice = now - g->slice_ns;
    if (g->task == TASK_GROW && slice > patience_ns(g)) {
        if (!is_stalled(g, slice))
            return;
        g->stalled_bytes = g->record->held_bytes;
        let_go(g, SAY_STALLED);
    } else if (g->task == TASK_ROOM && slice > HELPER_PATIENCE_MS * NS_PER_MS) {
        (void)kill(g->helper.pid, SIGKILL); /* helper_gone goes on with what room there is */
    } else if (((g->task == TASK_SHRINK || g->task == TASK_RECLAIM) && slice > HELPER_PATIENCE_MS * NS_PER_MS) ||
               (g->task == TASK_LEAD && slice > LEAD_PATIENCE_MS * NS_PER_MS)) {
        g->stalled_bytes = g->settings.reclaim ? g->asked_bytes : g->record->held_bytes;
        let_go(g, SAY_STALLED);
    } else if (g->task == TASK_RELEASE && waited > RELEASE_PATIENCE_MS * NS_PER_MS) {
        let_go(g, SAY_RELEASED);
    }
}

/* ---- guardian: commands ---- */

static void order(struct guardian *g, struct child *child, enum task task, struct message message)
{
    g->task = task;
    g->slice_ns = now_ns(CLOCK_MONOTONIC);
    if (send(child->socket, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        g->task = TASK_NONE; /* it has just died: its end will be reaped and told */
        say_failed(g, errno);
    }
}

static void order_growth(struct guardian *g)
{
    limit_cpu(g, true);
    order(g, &g->worker, TASK_GROW, (struct message){.op = OP_GROW, .bytes = g->goal_bytes});
}

static void order_shrink(struct guardian *g)
{
    if (g->shrink_limit == 0) {
        say_inflated(g, "none");
        return;
    }
    if (!start_helper(g) || !announce(g, g->shrink_limit)) {
        g->task = TASK_NONE;
        say_failed(g, errno);
        return;
    }
    g->shrinking = true;
    order(g, &g->helper, TASK_SHRINK, (struct message){.op = OP_SHRINK, .bytes = g->shrink_limit});
}

static void order_reclaim(struct guardian *g, enum task task, struct message message)
{
    if (!start_helper(g)) {
        g->task = TASK_NONE;
        say_failed(g, errno);
        return;
    }
    g->reclaiming = true;
    order(g, &g->helper, task, message);
    g->reclaiming = g->task == task;
}

/* Never loosens, never below the usage: the writer would reclaim, and the target be throttled, before the first step. */
static int set_high(struct guardian *g, uint64_t high)
{
    uint64_t usage;
    char text[24];
    if (is_v1(g) || g->settings.reclaim || high == 0 || high > g->record->old_value || !read_limit(g->usage, &usage) || high < usage)
        return EINVAL;
    if (!announce(g, high))
        return errno;
    (void)snprintf(text, sizeof text, "%" PRIu64, high);
    if (!write_text(g->limit, text)) {
        int error = errno;
        (void)restore(g);
        return error;
    }
    g->squeezing = true;
    forget(g, 1);
    return 0;
}

static void open_squeeze(struct guardian *g, bool has_high, uint64_t high)
{
    int error = !has_high ? 0 : check_boundary(g) ? ESTALE : set_high(g, high);
    if (error != 0)
        say_failed(g, error);
    else
        say(g, "squeezing worker=%d", g->worker.pid);
}

/*
 * How much has to be taken before memory.high may be so low: the pod of a target that is at its limit. Asked for in the
 * helper, which alone waits; only where nothing can be swapped by it. 0: nothing, or it cannot be done.
 */
static uint64_t missing_room(const struct guardian *g, uint64_t high)
{
    uint64_t usage;
    bool can_ask = g->reclaim >= 0 && !g->settings.reclaim && !g->settings.node && (g->knows_swappiness || !g->swaps);
    if (is_v1(g) || !can_ask || high == 0 || !read_limit(g->usage, &usage) || usage <= high)
        return 0;
    return usage - high + MIB; /* the target may want some of it before the limit is written */
}

static void command_squeeze(struct guardian *g, bool has_high, uint64_t high)
{
    if (check_boundary(g)) {
        say_failed(g, ESTALE);
        return;
    }
    int error = g->worker.pid == 0 ? start_worker(g) : 0;
    if (error != 0) {
        let_go(g, SAY_NOTHING);
        say_failed(g, error);
        return;
    }
    g->armed = true;
    g->step_bytes = 0;
    uint64_t swapped;
    g->record->swap_start = swap_bytes(g, &swapped) ? swapped : 0;
    g->goal_high = high / page_bytes() * page_bytes();
    uint64_t missing = has_high ? missing_room(g, g->goal_high) : 0;
    if (missing == 0) {
        open_squeeze(g, has_high, g->goal_high);
        return;
    }
    g->task_ns = now_ns(CLOCK_MONOTONIC);
    order_reclaim(g, TASK_ROOM, (struct message){.op = OP_LEAD, .bytes = missing});
}

static int refuse_inflate(const struct guardian *g, uint64_t bytes, bool has_limit, uint64_t limit)
{
    if (!g->armed || g->worker.pid == 0)
        return ECANCELED;
    if (bytes > g->settings.cap_bytes)
        return EFBIG;
    if (g->settings.reclaim || bytes < g->record->held_bytes || (has_limit && (!is_v1(g) || limit == 0 || limit >= g->record->old_value)))
        return EINVAL;
    return 0;
}

static void command_inflate(struct guardian *g, uint64_t bytes, bool has_limit, uint64_t limit)
{
    uint64_t held = g->record->held_bytes;
    bytes = bytes / page_bytes() * page_bytes();
    limit = limit / page_bytes() * page_bytes();
    int error = refuse_inflate(g, bytes, has_limit, limit);
    if (error != 0) {
        say_failed(g, error);
        return;
    }
    g->goal_bytes = bytes;
    g->shrink_limit = has_limit ? limit : 0;
    if (bytes - held > g->step_bytes)
        g->step_bytes = bytes - held;
    g->task_ns = now_ns(CLOCK_MONOTONIC);
    g->task = TASK_GROW;
    g->lead_end = "none";
    if (check_node(g, bytes - held))
        return;
    if (!g->reclaim_lead || bytes == held)
        order_growth(g);
    else
        order_reclaim(g, TASK_LEAD, (struct message){.op = OP_LEAD, .bytes = bytes - held});
}

/* v1 always needs a limit, below the present one; v2 never. */
static int refuse_reclaim(const struct guardian *g, uint64_t bytes, bool has_limit, uint64_t limit)
{
    if (!g->armed || g->worker.pid == 0)
        return ECANCELED;
    bool limited = has_limit && limit > 0 && limit < g->record->old_value;
    return g->settings.reclaim && bytes > 0 && (is_v1(g) ? limited : !has_limit) ? 0 : EINVAL;
}

static void command_reclaim(struct guardian *g, uint64_t bytes, bool has_limit, uint64_t limit)
{
    limit = limit / page_bytes() * page_bytes();
    int error = refuse_reclaim(g, bytes, has_limit, limit);
    if (error != 0) {
        say_failed(g, error);
        return;
    }
    g->shrink_limit = limit;
    g->asked_bytes = is_v1(g) ? bytes : 0;
    if (bytes > g->step_bytes)
        g->step_bytes = bytes;
    g->task_ns = now_ns(CLOCK_MONOTONIC);
    g->task = TASK_RECLAIM;
    if (check_node(g, 0))
        return;
    if (is_v1(g))
        order_shrink(g);
    else
        order_reclaim(g, TASK_RECLAIM, (struct message){.op = OP_RECLAIM, .bytes = bytes});
}

static void command_release(struct guardian *g)
{
    uint64_t started = now_ns(CLOCK_MONOTONIC);
    if (g->task != TASK_NONE) { /* busy inflating: to end it is the quickest */
        let_go(g, SAY_RELEASED);
        say(g, "failed bytes=0 errno=ECANCELED");
        return;
    }
    (void)restore(g);
    limit_cpu(g, false);
    g->task_ns = started;
    if (g->worker.pid == 0) {
        say(g, "released us=0");
        return;
    }
    order(g, &g->worker, TASK_RELEASE, (struct message){.op = OP_RELEASE});
}

static void command_state(struct guardian *g)
{
    uint64_t limit, available;
    char boundary[24] = "none", node[24] = "none", pressure[16] = "none", peak[16] = "none";
    if (read_limit(g->limit, &limit))
        (void)snprintf(boundary, sizeof boundary, limit == NO_LIMIT ? "max" : "%" PRIu64, limit);
    if (node_available(g, &available))
        (void)snprintf(node, sizeof node, "%" PRIu64, available);
    if (g->pressure >= 0) {
        (void)snprintf(pressure, sizeof pressure, "%u", g->pressure_percent);
        (void)snprintf(peak, sizeof peak, "%u", g->peak_percent);
    }
    say(g, "state bytes=%" PRIu64 " boundary=%s node-available=%s pressure-percent=%s peak-pressure-percent=%s",
        g->record->held_bytes, boundary, node, pressure, peak);
}

/* The value of " name=NUMBER" in a command. False where it is there and is no number. */
static bool option(const char *line, const char *name, bool *ret_there, uint64_t *ret_value)
{
    char word[LINE_BYTES], key[32];
    *ret_there = false;
    *ret_value = 0;
    int length = snprintf(key, sizeof key, " %s=", name);
    const char *found = strstr(line, key);
    if (found == NULL)
        return true;
    (void)snprintf(word, sizeof word, "%s", found + length);
    word[strcspn(word, " ")] = '\0';
    *ret_there = true;
    return parse_number(word, ret_value);
}

static bool is_command(const char *line, const char *name)
{
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 && (line[length] == '\0' || line[length] == ' ');
}

/* Those that start something, and so wait for what is under way. */
static void start_command(struct guardian *g, const char *line)
{
    bool has_high, has_bytes, has_limit;
    uint64_t high, bytes, limit;
    bool parsed = option(line, "high", &has_high, &high) && option(line, "bytes", &has_bytes, &bytes) &&
                  option(line, "limit", &has_limit, &limit);
    if (g->task != TASK_NONE)
        say_failed(g, EBUSY);
    else if (!parsed || is_command(line, "squeeze") == has_bytes)
        say_failed(g, EINVAL);
    else if (is_command(line, "reclaim"))
        command_reclaim(g, bytes, has_limit, limit);
    else if (has_bytes)
        command_inflate(g, bytes, has_limit, limit);
    else
        command_squeeze(g, has_high, high);
}

static void obey(struct guardian *g, const char *line)
{
    if (is_command(line, "squeeze") || is_command(line, "inflate") || is_command(line, "reclaim")) {
        start_command(g, line);
    } else if (is_command(line, "restore")) {
        enum restored end = restore(g);
        if (end == RESTORED)
            say(g, "restored");
        else
            say_failed(g, end == FOREIGN ? ESTALE : end == GONE ? ENODEV : EIO);
    } else if (is_command(line, "release")) {
        command_release(g);
    } else if (is_command(line, "state")) {
        command_state(g);
    } else if (is_command(line, "quit")) {
        quit(g);
    } else {
        say(g, "error code=BadCommand");
    }
}

static void read_commands(struct guardian *g)
{
    ssize_t length = read(STDIN_FILENO, g->input + g->input_length, sizeof g->input - 1 - g->input_length);
    if (length <= 0) {
        if (length == 0 || (errno != EINTR && errno != EAGAIN))
            quit(g); /* the agent is gone */
        return;
    }
    g->heard_ns = now_ns(CLOCK_MONOTONIC);
    g->input_length += (size_t)length;
    g->input[g->input_length] = '\0';
    char *line = g->input;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        obey(g, g->too_long ? "" : line);
        g->too_long = false;
    }
    g->input_length = strlen(line);
    memmove(g->input, line, g->input_length + 1);
    if (g->input_length == sizeof g->input - 1) {
        g->input_length = 0;
        g->too_long = true; /* up to its end it is no command */
    }
}

/* ---- guardian: what the children say ---- */

static bool hear(struct child *child, struct message *ret)
{
    ssize_t length = recv(child->socket, ret, sizeof *ret, MSG_DONTWAIT);
    child->ended = length == 0;
    return length == sizeof *ret;
}

static void hear_worker(struct guardian *g)
{
    struct message message;
    if (!hear(&g->worker, &message))
        return;
    if (g->task == TASK_RELEASE && message.op == OP_RELEASE) {
        g->task = TASK_NONE;
        say(g, "released us=%" PRIu64, (now_ns(CLOCK_MONOTONIC) - g->task_ns) / 1000);
    } else if (g->task == TASK_GROW && message.op == OP_SLICE) {
        g->slice_us[g->slices++ % STEP_SAMPLES] = message.us;
        g->slice_ns = now_ns(CLOCK_MONOTONIC);
    } else if (g->task == TASK_GROW && message.op == OP_GROW) {
        if (message.error == 0) {
            order_shrink(g);
        } else {
            g->task = TASK_NONE;
            say_failed(g, message.error);
        }
    }
}

static void hear_shrunk(struct guardian *g, int error)
{
    g->task = TASK_NONE;
    g->shrinking = false;
    enum restored end = restore(g);
    if (end != RESTORED)
        (void)check_boundary(g);
    const char *how = error == 0 ? "ok" : "busy";
    if (error != 0 && error != EBUSY)
        say_failed(g, error);
    else if (g->settings.reclaim)
        say_reclaimed(g, how);
    else
        say_inflated(g, how);
}

static void hear_led(struct guardian *g, int error)
{
    g->reclaiming = false;
    g->lead_end = error == 0 ? "ok" : "dry";
    if (error == 0) {
        order_growth(g);
    } else if (error == EAGAIN) {
        say_inflated(g, "none"); /* nothing more that could be had without swap: growing now would swap */
    } else {
        g->task = TASK_NONE;
        say_failed(g, error);
    }
}

/* However it ended: what counts is whether the limit may be written now. */
static void hear_room(struct guardian *g)
{
    g->reclaiming = false;
    g->task = TASK_NONE;
    open_squeeze(g, true, g->goal_high);
}

static void hear_reclaimed(struct guardian *g, int error)
{
    g->reclaiming = false;
    if (error == 0 || error == EAGAIN || error == ENOSPC) {
        say_reclaimed(g, error == 0 ? "ok" : error == EAGAIN ? "dry" : "swap");
        return;
    }
    g->task = TASK_NONE;
    say_failed(g, error);
}

static void hear_helper(struct guardian *g)
{
    struct message message;
    if (!hear(&g->helper, &message))
        return;
    if (g->task == TASK_SHRINK)
        hear_shrunk(g, message.error);
    else if (g->task == TASK_ROOM)
        hear_room(g);
    else if (g->task == TASK_LEAD)
        hear_led(g, message.error);
    else if (g->task == TASK_RECLAIM && message.op == OP_SLICE) {
        g->asked_bytes = message.bytes;
        g->slice_ns = now_ns(CLOCK_MONOTONIC);
    } else if (g->task == TASK_RECLAIM)
        hear_reclaimed(g, message.error);
}

static void hear_signals(struct guardian *g)
{
    struct signalfd_siginfo signal;
    while (read(g->signals, &signal, sizeof signal) == sizeof signal)
        if (signal.ssi_signo != SIGCHLD)
            quit(g);
    reap(g);
}

/* ---- guardian: the loop ---- */

/* Milliseconds until the next tick or, while something is waited for, a short look at it. */
static int next_look_ms(const struct guardian *g)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC), next = g->tick_ns;
    if (is_pressing(g) && g->glance_ns < next)
        next = g->glance_ns;
    if (g->task == TASK_GROW && g->slice_ns + patience_ns(g) < next)
        next = g->slice_ns + patience_ns(g);
    if (next <= now)
        return g->task == TASK_GROW && g->tick_ns > now && g->glance_ns > now ? 5 : 0;
    return (int)((next - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* When the next look is due: on a starved machine, or one of many cgroups, a look may take longer than its period. */
static uint64_t next_ns(uint64_t started, uint64_t period_ms)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC), due = started + period_ms * NS_PER_MS, rested = now + (now - started) * REST_FACTOR;
    return due > rested ? due : rested;
}

static void tick(struct guardian *g)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    if (now < g->tick_ns)
        return;
    watch(g);
    g->tick_ns = next_ns(now, TICK_MS);
}

static void glance(struct guardian *g)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    if (now < g->glance_ns)
        return;
    look_between(g);
    g->glance_ns = next_ns(now, GLANCE_MS);
}

/* While the worker is being ended commands wait: what they would ask is decided by then. */
static int input_fd(const struct guardian *g)
{
    return g->quitting || g->task == TASK_LET_GO ? -1 : STDIN_FILENO;
}

/* -1: nothing more will be said. Polled all the same it would wake the guardian for ever, ahead of whom it waits for. */
static int socket_of(const struct child *child)
{
    return child->pid != 0 && !child->ended ? child->socket : -1;
}

/* An idle helper lives on until all is cleaned: should the guardian be killed before, somebody is there to do it. */
static bool is_over(const struct guardian *g)
{
    bool settled = g->worker.pid == 0 && !g->shrinking;
    return g->end_ns != 0 && (settled || now_ns(CLOCK_MONOTONIC) > g->end_ns);
}

/* Time in which the guardian itself got no CPU is nobody's stall: the whole machine stood still, or was busy. */
static void forgive_lateness(struct guardian *g, uint64_t due_ns)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    if (g->task == TASK_GROW && now > due_ns + MIN_LATENESS_MS * NS_PER_MS && g->slice_ns < due_ns)
        g->slice_ns += now - due_ns;
}

static void guard(struct guardian *g)
{
    while (!is_over(g)) {
        struct pollfd fds[] = {{.fd = g->signals, .events = POLLIN},
                               {.fd = input_fd(g), .events = POLLIN},
                               {.fd = socket_of(&g->worker), .events = POLLIN},
                               {.fd = socket_of(&g->helper), .events = POLLIN}};
        int look_ms = next_look_ms(g);
        uint64_t due_ns = now_ns(CLOCK_MONOTONIC) + (uint64_t)look_ms * NS_PER_MS;
        (void)poll(fds, sizeof fds / sizeof *fds, look_ms);
        forgive_lateness(g, due_ns);
        if (fds[2].revents & POLLIN)
            hear_worker(g);
        if (fds[3].revents & POLLIN)
            hear_helper(g);
        if (fds[0].revents != 0)
            hear_signals(g);
        tick(g);
        glance(g);
        check_patience(g);
        settle(g);
        if (fds[1].revents != 0)
            read_commands(g);
        if (g->quitting)
            quit(g);
    }
}

/* ---- guardian: start and end ---- */

__attribute__((format(printf, 3, 4))) _Noreturn static void refuse(const char *code, int status, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list words;
    va_start(words, format);
    (void)vsnprintf(text, sizeof text, format, words);
    va_end(words);
    (void)printf("error code=%s\n", code);
    (void)fflush(stdout);
    bail(status, "%s", text);
}

static int open_directory(const char *name, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        bail(EX_USAGE, "--%s=%s: %s; give the path of an existing cgroup directory", name, path, strerror(errno));
    return fd;
}

static void check_root(const struct settings *s, int boundary)
{
    struct stat root, here;
    if (s->root != NULL && stat(s->root, &root) == 0 && fstat(boundary, &here) == 0 && root.st_ino == here.st_ino &&
        root.st_dev == here.st_dev)
        bail(EX_USAGE, "--boundary=%s is the root of the hierarchy; give the directory of the target's pod", s->boundary);
}

static bool has_swap(const struct guardian *g)
{
    static char text[FILE_BYTES];
    uint64_t swap = 0;
    return !read_text(g->meminfo, text, sizeof text) || !find_number(text, "SwapTotal", &swap) || swap > 0;
}

static void open_target(struct guardian *g, int target)
{
    uint64_t unused;
    g->pressure = openat(target, "memory.pressure", O_RDONLY | O_CLOEXEC);
    if (!stalled_us(g, &unused))
        g->pressure = -1; /* v1, or a kernel started without PSI: said in `ready` */
    g->reclaim = openat(target, "memory.reclaim", O_WRONLY | O_CLOEXEC);
    if (g->reclaim < 0 && g->settings.reclaim && !is_v1(g))
        refuse("Reclaim", EX_OSERR, "--target=%s: cannot open memory.reclaim (%s); it needs Linux 5.19", g->settings.target,
               strerror(errno));
    g->swaps = has_swap(g);
    /* A request for zero bytes reclaims nothing, and tells whether the kernel knows the argument. */
    g->knows_swappiness = g->reclaim >= 0 && write_text(g->reclaim, "0 swappiness=0");
    /* With --node the node's own pressure is to be seen, not a reclaim. */
    g->reclaim_lead = !g->settings.node && g->swaps && g->knows_swappiness;
}

static void open_boundary(struct guardian *g)
{
    const struct settings *s = &g->settings;
    bool v1 = is_v1(g);
    g->boundary = open_directory("boundary", s->boundary);
    check_root(s, g->boundary);
    int target = open_directory("target", s->target);
    bool limits_target = v1 && s->reclaim;
    g->limited = limits_target ? target : g->boundary;
    g->limit = open_limit(g->limited, s->version);
    g->usage = openat(g->boundary, v1 ? "memory.usage_in_bytes" : "memory.current", O_RDONLY | O_CLOEXEC);
    g->maximum = v1 ? -1 : openat(g->boundary, "memory.max", O_RDONLY | O_CLOEXEC);
    int swapping = s->reclaim ? target : g->boundary;
    g->swap = s->node ? open("/proc/vmstat", O_RDONLY | O_CLOEXEC)
                      : openat(swapping, v1 ? "memory.stat" : "memory.swap.current", O_RDONLY | O_CLOEXEC);
    if (g->limit < 0 || g->usage < 0)
        bail(EX_USAGE, "--%s=%s: no writable %s in it (%s); give a pod's directory in the memory hierarchy of --version=%d",
             limits_target ? "target" : "boundary", limits_target ? s->target : s->boundary, limit_name(s->version),
             strerror(errno), (int)s->version);
    open_target(g, target);
    if (target != g->limited)
        (void)close(target);
}

/*
 * The limited cgroups from the boundary's parent up to the root: a balloon may meet them before the node's end. The
 * path is looked at as it was given, so `root` must be its beginning.
 */
static void open_arenas(struct guardian *g)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s", g->settings.boundary);
    size_t root = strlen(g->settings.root);
    for (char *end; (end = strrchr(path, '/')) != NULL && (size_t)(end - path) > root && g->arena_count < ARENAS;) {
        *end = '\0';
        int directory = open_directory("boundary", path);
        struct arena arena = {
            .limit = openat(directory, is_v1(g) ? "memory.limit_in_bytes" : "memory.max", O_RDONLY | O_CLOEXEC),
            .high = is_v1(g) ? -1 : openat(directory, "memory.high", O_RDONLY | O_CLOEXEC),
            .usage = openat(directory, is_v1(g) ? "memory.usage_in_bytes" : "memory.current", O_RDONLY | O_CLOEXEC),
            .stat = openat(directory, "memory.stat", O_RDONLY | O_CLOEXEC)};
        (void)close(directory);
        g->arenas[g->arena_count++] = arena;
    }
}

/* At it or below it. */
static bool is_below(const char *path, const char *above)
{
    size_t length = strlen(above);
    return strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void open_node(struct guardian *g)
{
    g->meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    if (g->meminfo < 0)
        refuse("Node", EX_OSERR, "cannot open /proc/meminfo: %s", strerror(errno));
    g->root_stat = g->root_usage = -1;
    if (g->settings.root == NULL)
        return;
    int root = open_directory("root", g->settings.root);
    g->root_stat = openat(root, "memory.stat", O_RDONLY | O_CLOEXEC);
    g->root_usage = openat(root, "memory.usage_in_bytes", O_RDONLY | O_CLOEXEC);
    (void)close(root);
    if (is_below(g->settings.boundary, g->settings.root))
        open_arenas(g);
}

/*
 * The last thing before exit: records stay where the limit could not be put back, so that a repair finds them. The
 * helper goes last, by SIGKILL: it must not clean up behind a guardian that ended well, where the next may have begun.
 */
static bool wind_up(struct guardian *g)
{
    enum restored end = restore(g);
    bool cleaned = end != FAILED && clean(g->boundary, g->balloon);
    if (g->helper.pid != 0)
        (void)kill(g->helper.pid, SIGKILL);
    if (g->helper.pid != 0 && !g->shrinking)
        (void)waitpid(g->helper.pid, NULL, 0);
    return cleaned;
}

/*
 * Whoever guards must not wait for a CPU: not behind the balloon, nor behind the whole node with the small share of the
 * agent's pod. It uses under 1 % of one. Its children begin as everybody. Not allowed everywhere: then as near as may be.
 */
static void go_first(void)
{
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(struct sched_param){.sched_priority = 1}) == 0)
        return;
    (void)sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &(struct sched_param){.sched_priority = 0});
    (void)setpriority(PRIO_PROCESS, 0, -20);
}

_Noreturn static void give_up(struct guardian *g, const char *code, const char *what)
{
    int error = errno;
    if (g->worker.pid != 0)
        (void)kill(g->worker.pid, SIGKILL);
    if (g->helper.pid != 0)
        (void)kill(g->helper.pid, SIGKILL);
    while (wait(NULL) > 0)
        ;
    g->helper.pid = 0;
    (void)wind_up(g);
    refuse(code, EX_OSERR, "%s under %s: %s", what, g->settings.boundary, strerror(error));
}

/* The mkdir is the lock of the boundary; the flock says to a repair that this guardian lives. */
static void take_boundary(struct guardian *g)
{
    if (mkdirat(g->boundary, BALLOON, 0755) < 0) {
        if (errno == EEXIST)
            refuse("Busy", EX_TEMPFAIL, "%s/" BALLOON " exists: another probe is at work, or `balloon repair` is needed",
                   g->settings.boundary);
        refuse("Cgroup", EX_OSERR, "cannot make %s/" BALLOON ": %s", g->settings.boundary, strerror(errno));
    }
    g->balloon = openat(g->boundary, BALLOON, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g->lock = g->balloon < 0 ? -1 : openat(g->balloon, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (g->lock < 0 || flock(g->lock, LOCK_EX | LOCK_NB) < 0)
        refuse("Busy", EX_TEMPFAIL, "%s/" BALLOON " was taken by a repair: try again", g->settings.boundary);
}

/* Whose limit it is that is recorded, where it is not the boundary's: by its inode, which no name can hide. */
static void record_limited(struct guardian *g)
{
    struct stat limited;
    char name[40];
    if (g->limited == g->boundary)
        return;
    bool known = fstat(g->limited, &limited) == 0;
    (void)snprintf(name, sizeof name, "limited-%" PRIu64, (uint64_t)limited.st_ino);
    if (!known || mkdirat(g->balloon, name, 0755) < 0)
        give_up(g, "Cgroup", "cannot record whose limit it is");
}

/* Before anything else is touched: how the limit was, and until when this guardian may be at work. */
static void record_old(struct guardian *g)
{
    struct record *r = g->record;
    char name[48], text[64];
    if (!read_text(g->limit, text, sizeof text))
        give_up(g, "Boundary", "cannot read the limit");
    text[strcspn(text, "\n")] = '\0';
    if (strlen(text) >= sizeof r->old_text || !parse_limit(text, &r->old_value))
        give_up(g, "Boundary", "cannot understand the limit");
    (void)snprintf(r->old_text, sizeof r->old_text, "%.23s", text);
    record_limited(g);
    (void)snprintf(name, sizeof name, "old-%s", r->old_text);
    if (mkdirat(g->balloon, name, 0755) < 0)
        give_up(g, "Cgroup", "cannot record the old limit");
    (void)snprintf(name, sizeof name, "until-%" PRIu64, now_ns(CLOCK_BOOTTIME) / NS_PER_MS + g->settings.deadline_ms);
    if (mkdirat(g->balloon, name, 0755) < 0)
        give_up(g, "Cgroup", "cannot record the deadline");
}

/*
 * An overshoot dies here, alone. Above the cap: the worker itself, and its page tables (8 bytes a page), which are
 * charged too. No swap, so that the balloon is memory.
 */
static void limit_balloon(struct guardian *g)
{
    char text[24];
    uint64_t cap = g->settings.cap_bytes;
    (void)snprintf(text, sizeof text, "%" PRIu64, cap + cap / (page_bytes() / 8) + OVERHEAD_MIB * MIB);
    /* With reclaim nothing is in there; below a cgroup with processes of its own (v2) it has no memory control either. */
    if (!write_file(g->balloon, is_v1(g) ? "memory.limit_in_bytes" : "memory.max", text) && !g->settings.reclaim)
        give_up(g, "Cgroup", "cannot limit the balloon's cgroup");
    /* Files that not every kernel has, ignoring. */
    if (is_v1(g)) {
        (void)write_file(g->balloon, "memory.memsw.limit_in_bytes", text);
        (void)write_file(g->balloon, "memory.swappiness", "0");
    } else {
        (void)write_file(g->balloon, "memory.swap.max", "0");
        (void)write_file(g->balloon, "memory.oom.group", "0");
    }
}

static void watch_signals(struct guardian *g)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGCHLD);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    g->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    (void)setsid();
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a parent that died before this is seen by the end of stdin */
}

static void make_record(struct guardian *g)
{
    void *shared = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (g->signals < 0 || shared == MAP_FAILED)
        refuse("Memory", EX_OSERR, "cannot prepare: %s", strerror(errno));
    g->record = shared;
    g->record->guardian = getpid();
    g->record->deadline_ns = g->started_ns + g->settings.deadline_ms * NS_PER_MS;
}

static void say_ready(struct guardian *g)
{
    say(g, "ready guardian=%d worker=%d helper=%d old=%s psi=%d reclaim-lead=%d", getpid(), g->worker.pid,
        g->helper.pid, g->record->old_text, g->pressure >= 0, g->reclaim_lead);
}

static int run_guardian(struct settings settings)
{
    static struct guardian g;
    g = (struct guardian){.settings = settings, .started_ns = now_ns(CLOCK_MONOTONIC), .armed = true};
    watch_signals(&g);
    make_record(&g);
    open_node(&g);
    open_boundary(&g);
    take_boundary(&g);
    record_old(&g);
    limit_balloon(&g);
    if (!start_helper(&g))
        give_up(&g, "Helper", "cannot start the helper");
    errno = start_worker(&g);
    if (errno != 0)
        give_up(&g, "Worker", "cannot start the worker");
    (void)mlockall(MCL_CURRENT);
    go_first();
    g.tick_ns = now_ns(CLOCK_MONOTONIC);
    say_ready(&g);
    guard(&g);
    return wind_up(&g) ? 0 : EX_OSERR;
}

/* ---- repair ---- */

struct remains {
    struct record record;
    bool has_old;
    uint64_t until_ms, limited_inode; /* 0: the boundary itself */
};

/* What the names inside the balloon's cgroup say. */
static struct remains read_remains(int balloon)
{
    struct remains found = {.has_old = false};
    unsigned slot = 0;
    int fd = openat(balloon, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (list == NULL)
        return found;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        uint64_t value;
        const char *name = entry->d_name;
        if (strncmp(name, "old-", 4) == 0 && parse_limit(name + 4, &found.record.old_value)) {
            found.has_old = true;
            (void)snprintf(found.record.old_text, sizeof found.record.old_text, "%.23s", name + 4);
        } else if (strncmp(name, "wrote-", 6) == 0 && slot < 2 && parse_number(name + 6, &value)) {
            found.record.wrote[slot++] = value;
        } else if (strncmp(name, "until-", 6) == 0) {
            (void)parse_number(name + 6, &found.until_ms);
        } else if (strncmp(name, "limited-", 8) == 0) {
            (void)parse_number(name + 8, &found.limited_inode);
        }
    }
    (void)closedir(list);
    return found;
}

/*
 * A guardian lives while it holds the lock, unless it is long past its own deadline (stopped, frozen). One that was
 * killed a moment ago may still be on its way out: a repair waits that long.
 */
static bool is_guarded(int balloon, const struct remains *remains)
{
    if (remains->until_ms != 0 && now_ns(CLOCK_BOOTTIME) / NS_PER_MS > remains->until_ms + OVERDUE_MS)
        return false;
    for (int waited_ms = 0; flock(balloon, LOCK_EX | LOCK_NB) < 0; waited_ms += 5) {
        if (waited_ms >= DYING_MS)
            return true;
        pause_ms(5);
    }
    return false;
}

static bool is_missing(int error)
{
    return error == ENOENT || error == ENODEV;
}

/*
 * The directory with an inode, at or below this one; -1 where it is gone, and its limit with it. `ret_unseen` where something
 * could not be looked into, such as for want of descriptors: then nobody knows.
 */
static int open_inode(int directory, uint64_t inode, bool *ret_unseen)
{
    int found = -1, fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat here;
    if (fd >= 0 && fstat(fd, &here) == 0 && here.st_ino == inode)
        return fd;
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (list == NULL) {
        *ret_unseen |= !is_missing(errno);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    for (struct dirent *entry; found < 0 && (entry = readdir(list)) != NULL;) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        int child = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0) {
            *ret_unseen |= !is_missing(errno);
            continue; /* gone meanwhile */
        }
        found = open_inode(child, inode, ret_unseen);
        (void)close(child);
    }
    (void)closedir(list);
    return found;
}

/* -1 where there is none; `ret_gone` where that is because its cgroup went. */
static int open_recorded_limit(int boundary, const struct remains *remains, uint64_t version, bool *ret_gone)
{
    bool unseen = false;
    *ret_gone = false;
    if (remains->limited_inode == 0)
        return open_limit(boundary, version);
    int limited = open_inode(boundary, remains->limited_inode, &unseen);
    if (limited < 0) {
        *ret_gone = !unseen;
        return -1;
    }
    int limit = open_limit(limited, version);
    *ret_gone = limit < 0 && is_missing(errno);
    (void)close(limited);
    return limit;
}

static enum restored put_back_recorded(int limit, bool gone, const struct remains *remains)
{
    if (!remains->has_old)
        return RESTORED;
    if (limit < 0)
        return gone ? GONE : FAILED;
    return put_back(limit, &remains->record);
}

static int repair_held(int boundary, int balloon, const char *path, uint64_t version)
{
    struct remains remains = read_remains(balloon);
    if (is_guarded(balloon, &remains)) {
        (void)printf("busy boundary=%s\n", path);
        return EX_TEMPFAIL;
    }
    if (!remains.has_old && has_members(balloon)) { /* somebody else's, of the same name */
        (void)printf("unknown boundary=%s\n", path);
        return EX_DATAERR;
    }
    bool gone;
    int limit = open_recorded_limit(boundary, &remains, version, &gone);
    enum restored end = put_back_recorded(limit, gone, &remains);
    /* A worker that is still there may have lost its race with the line above: once more when all are dead. */
    bool cleaned = end != FAILED;
    if (cleaned) {
        kill_members(balloon);
        end = put_back_recorded(limit, gone, &remains);
        cleaned = end != FAILED && clean(boundary, balloon);
    }
    if (limit >= 0)
        (void)close(limit);
    (void)printf("%s boundary=%s restored=%s\n", cleaned ? "repaired" : "failed", path,
                 end == FOREIGN ? "foreign" : !remains.has_old ? "none" : remains.record.old_text);
    return cleaned ? 0 : EX_OSERR;
}

/* Exit status of one boundary: 0 repaired or clean, else why not. */
static int repair_boundary(int boundary, const char *path, uint64_t version, bool quiet)
{
    int balloon = openat(boundary, BALLOON, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (balloon < 0) {
        if (!quiet)
            (void)printf("clean boundary=%s\n", path);
        return 0;
    }
    int status = repair_held(boundary, balloon, path, version);
    (void)close(balloon);
    return status;
}

/* Depth first through a hierarchy. The worst status wins. */
static int repair_all(int directory, const char *path, uint64_t version)
{
    int status = repair_boundary(directory, path, version, true);
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (list == NULL)
        return status;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char below[4096];
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || strcmp(entry->d_name, BALLOON) == 0)
            continue;
        int child = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0)
            continue; /* gone meanwhile */
        int length = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        int end = length < (int)sizeof below ? repair_all(child, below, version) : 0;
        status = end > status ? end : status;
        (void)close(child);
    }
    (void)closedir(list);
    return status;
}

static int run_repair(const struct settings *s)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if (s->all)
        return repair_all(open_directory("root", s->root), s->root, s->version);
    return repair_boundary(open_directory("boundary", s->boundary), s->boundary, s->version, false);
}

/* ---- walks over a process's pages ---- */

static bool print_all(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, text, length);
        if (written < 0)
            return false;
        text += written;
        length -= (size_t)written;
    }
    return true;
}

/* The kernel walks within each read; between two of them it holds nothing. 0 or an errno. */
static int read_pages(const char *path, uint64_t *ret_ns)
{
    static char text[FILE_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    for (ssize_t length = 1; length > 0;) {
        uint64_t start = now_ns(CLOCK_MONOTONIC);
        length = read(fd, text, sizeof text);
        int error = errno;
        *ret_ns += now_ns(CLOCK_MONOTONIC) - start;
        if (length < 0 || !print_all(text, (size_t)length)) {
            (void)close(fd);
            return length < 0 ? error : EPIPE;
        }
    }
    (void)close(fd);
    return 0;
}

/* proc_pid_clear_refs(5): 2 means the referenced bits of anonymous mappings alone. 0 or an errno. */
static int clear_referenced(const char *path, uint64_t *ret_ns)
{
    uint64_t start = now_ns(CLOCK_MONOTONIC);
    int error = write_file(AT_FDCWD, path, "2") ? 0 : errno;
    *ret_ns = now_ns(CLOCK_MONOTONIC) - start;
    return error;
}

/*
 * Meanwhile the kernel holds the process's mmap lock: were this one to wait for a CPU, with the small share of the agent's
 * pod, the process would wait with it at its next mmap.
 */
static int run_walks(bool reads, int count, char **paths)
{
    if (count == 0)
        bail(EX_USAGE, "give the files below /proc to %s", reads ? "read" : "clear");
    go_first();
    for (int i = 0; i < count; i++) {
        uint64_t ns = 0;
        int error = reads ? read_pages(paths[i], &ns) : clear_referenced(paths[i], &ns);
        char line[LINE_BYTES];
        int length = snprintf(line, sizeof line, "end us=%" PRIu64 " errno=%s\n", ns / 1000,
                              error == 0 ? "0" : strerrorname_np(error));
        if (!print_all(line, (size_t)length))
            return EX_IOERR;
    }
    return 0;
}

/* ---- flushing the TLBs ---- */

static size_t set_bytes(void)
{
    return CPU_ALLOC_SIZE(MAX_CPUS);
}

/* Runs on one CPU after the other, so that each loads this process's address space; then dies with it. */
_Noreturn static void visit(const cpu_set_t *cpus, cpu_set_t *one)
{
    go_first();
    for (size_t cpu = 0; cpu < MAX_CPUS; cpu++) {
        if (!CPU_ISSET_S(cpu, set_bytes(), cpus))
            continue;
        CPU_ZERO_S(set_bytes(), one);
        CPU_SET_S(cpu, set_bytes(), one);
        if (sched_setaffinity(0, set_bytes(), one) != 0)
            _exit(EX_OSERR);
    }
    _exit(0);
}

static bool print_cpus(const cpu_set_t *cpus)
{
    const char *before = "cpus=";
    for (size_t cpu = 0; cpu < MAX_CPUS; cpu++)
        if (CPU_ISSET_S(cpu, set_bytes(), cpus)) {
            if (printf("%s%zu", before, cpu) < 0)
                return false;
            before = ",";
        }
    return printf("\n") > 0 && fflush(stdout) == 0;
}

/*
 * clear_refs flushes no TLB, and a CPU sets the accessed bit when it loads a translation: memory in constant use whose
 * translations it still has would look idle for as long as it has them. A CPU that meets so many new address spaces drops
 * what it has of all others. Only where this process may run, which is what it prints.
 */
static int run_flush(void)
{
    cpu_set_t *cpus = CPU_ALLOC(MAX_CPUS), *one = CPU_ALLOC(MAX_CPUS);
    if (cpus == NULL || one == NULL || sched_getaffinity(0, set_bytes(), cpus) != 0)
        bail(EX_OSERR, "cannot find out where this process may run: %s", strerror(errno));
    for (int i = 0; i < REMEMBERED_SPACES; i++) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0)
            visit(cpus, one);
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
            bail(EX_OSERR, "cannot visit the CPUs: %s", strerror(errno));
        if (status != 0)
            bail(EX_OSERR, "a visit of the CPUs ended with wait status %d", status);
    }
    bool printed = print_cpus(cpus);
    CPU_FREE(cpus);
    CPU_FREE(one);
    return printed ? 0 : EX_IOERR;
}

/* ---- arguments ---- */

/* Takes `--name=NUMBER` where the argument is that one. */
static bool take_number(const char *argument, const char *name, uint64_t least, uint64_t most, uint64_t *ret)
{
    size_t length = strlen(name);
    if (strncmp(argument, name, length) != 0 || argument[length] != '=')
        return false;
    if (!parse_number(argument + length + 1, ret) || *ret < least || *ret > most)
        bail(EX_USAGE, "%s: give a whole number from %" PRIu64 " to %" PRIu64, argument, least, most);
    return true;
}

static bool take_path(const char *argument, const char *name, const char **ret)
{
    size_t length = strlen(name);
    if (strncmp(argument, name, length) != 0 || argument[length] != '=')
        return false;
    if (argument[length + 1] != '/')
        bail(EX_USAGE, "%s: give an absolute path", argument);
    *ret = argument + length + 1;
    return true;
}

static void take(struct settings *s, const char *argument)
{
    if (take_path(argument, "--boundary", &s->boundary) || take_path(argument, "--target", &s->target) ||
        take_path(argument, "--root", &s->root) || take_number(argument, "--version", 1, 2, &s->version) ||
        take_number(argument, "--cap-bytes", 1, 16 * MIB * MIB, &s->cap_bytes) ||
        take_number(argument, "--deadline-ms", 1, (uint64_t)7 * 86400 * 1000, &s->deadline_ms) ||
        take_number(argument, "--max-pressure-percent", 1, 100, &s->max_pressure_percent) ||
        take_number(argument, "--min-node-available-bytes", 0, 64 * MIB * MIB, &s->min_node_available_bytes) ||
        take_number(argument, "--step-patience-ms", 10, 2000, &s->step_patience_ms) ||
        take_number(argument, "--cpu-percent", 0, 1000, &s->cpu_percent) ||
        take_number(argument, "--silence-ms", 100, 600 * 1000, &s->silence_ms) ||
        take_number(argument, "--node", 0, 1, &s->node))
        return;
    if (!s->repair && (strcmp(argument, "--method=balloon") == 0 || strcmp(argument, "--method=reclaim") == 0)) {
        s->reclaim = strcmp(argument, "--method=reclaim") == 0;
        return;
    }
    if (s->repair && strcmp(argument, "--all") == 0) {
        s->all = true;
        return;
    }
    bail(EX_USAGE, "%s is not known; see PROTOCOL.md for the settings", argument);
}

static void require(bool there, const char *name)
{
    if (!there)
        bail(EX_USAGE, "--%s is missing; give --%s=VALUE", name, name);
}

static void check_settings(struct settings *s)
{
    require(s->version != 0, "version");
    if (s->repair) {
        require(s->all ? s->root != NULL : s->boundary != NULL, s->all ? "root" : "boundary");
        return;
    }
    require(s->boundary != NULL, "boundary");
    require(s->target != NULL, "target");
    require(s->cap_bytes != 0, "cap-bytes");
    require(s->deadline_ms != 0, "deadline-ms");
    require(s->min_node_available_bytes != UINT64_MAX, "min-node-available-bytes");
    s->cap_bytes = (s->cap_bytes + page_bytes() - 1) / page_bytes() * page_bytes();
    if (s->node) {
        require(s->root != NULL, "root");
        if (s->reclaim)
            bail(EX_USAGE, "--method=reclaim asks for the target's own memory; it does not go with --node=1");
        if (!is_below(s->boundary, s->root) || is_below(s->target, s->boundary))
            bail(EX_USAGE, "--boundary=%s with --node=1: give the balloon's own pod, below --root and not around --target",
                 s->boundary);
    } else if (!is_below(s->target, s->boundary)) {
        bail(EX_USAGE, "--target=%s is not inside --boundary=%s; give the container's directory below its pod's", s->target,
             s->boundary);
    }
}

static struct settings parse_arguments(int count, char **arguments)
{
    struct settings s = {.max_pressure_percent = 40, .step_patience_ms = 100, .silence_ms = 30000,
                         .min_node_available_bytes = UINT64_MAX};
    s.repair = count > 1 && strcmp(arguments[1], "repair") == 0;
    for (int i = s.repair ? 2 : 1; i < count; i++)
        take(&s, arguments[i]);
    check_settings(&s);
    return s;
}

int main(int count, char **arguments)
{
    bool reads = count > 1 && strcmp(arguments[1], "read") == 0, clears = count > 1 && strcmp(arguments[1], "clear") == 0;
    if (reads || clears)
        return run_walks(reads, count - 2, arguments + 2);
    if (count == 2 && strcmp(arguments[1], "flush") == 0)
        return run_flush();
    struct settings settings = parse_arguments(count, arguments);
    return settings.repair ? run_repair(&settings) : run_guardian(settings);
}
