/*
 * crossing FLOOR_BYTES MIB_PER_SECOND MOST_MIB USAGE_FILE LIMIT_FILE OLD_LIMIT: takes memory at that rate, and watches at 1 kHz,
 * from a second thread, when the node's MemAvailable falls below the floor, and how long after that LIMIT_FILE has OLD_LIMIT
 * again and USAGE_FILE (a balloon's cgroup) is down to 4 MiB. Says
 * "crossed restored-us=N released-us=N late-us=N held=BYTES took=BYTES", or "none" where MOST_MIB came first. Times count from the last look
 * that saw the floor kept, so they are at most a look too long; `late-us` is the longest time between two looks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)
#define CHUNK_BYTES (2 * MIB)
#define LOOK_US 1000
#define NEXT_TO_NOTHING_BYTES (4 * MIB)
#define PATIENCE_US 3000000

static atomic_bool over, spent;
static atomic_ulong took_bytes;
static int meminfo, usage, limit;

static uint64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void sleep_until(uint64_t us)
{
    struct timespec due = {(time_t)(us / 1000000), (long)(us % 1000000 * 1000)};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static _Noreturn void bail(const char *what)
{
    perror(what);
    exit(1);
}

static const char *read_text(int fd)
{
    static char text[8192];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

static uint64_t available_bytes(void)
{
    const char *line = strstr(read_text(meminfo), "MemAvailable:");
    return line == NULL ? 0 : strtoull(line + 13, NULL, 10) * 1024;
}

struct watch {
    uint64_t floor;
    const char *old;
    uint64_t kept_us, held_bytes, restored_us, released_us, late_us;
    bool crossed;
};

/* One look; true when there is nothing more to see. */
static bool look(struct watch *w)
{
    uint64_t before_us = now_us();
    if (!w->crossed && available_bytes() >= w->floor) {
        w->kept_us = before_us;
        return spent;
    }
    uint64_t held = strtoull(read_text(usage), NULL, 10);
    if (!w->crossed)
        w->held_bytes = held;
    w->crossed = true;
    if (w->restored_us == 0 && strncmp(read_text(limit), w->old, strlen(w->old)) == 0)
        w->restored_us = now_us() - w->kept_us;
    if (w->released_us == 0 && held <= NEXT_TO_NOTHING_BYTES)
        w->released_us = now_us() - w->kept_us;
    return (w->restored_us != 0 && w->released_us != 0) || before_us > w->kept_us + PATIENCE_US;
}

static void *watch(void *argument)
{
    struct watch *w = argument;
    w->kept_us = now_us();
    for (uint64_t last = now_us(); !look(w); last = now_us()) {
        sleep_until(last + LOOK_US);
        if (now_us() - last > w->late_us)
            w->late_us = now_us() - last;
    }
    over = true;
    return NULL;
}

/* Shared memory by fallocate: no page fault, so that it is as fast where those are slow. It goes with this process. */
static void take(uint64_t bytes_per_second, uint64_t most)
{
    int file = memfd_create("crossing", MFD_CLOEXEC);
    uint64_t start_us = now_us();
    for (uint64_t at = 0; !over && at < most; at += CHUNK_BYTES) {
        sleep_until(start_us + at * 1000000 / bytes_per_second);
        if (file < 0 || fallocate(file, 0, (off_t)at, CHUNK_BYTES) != 0)
            bail("cannot take memory");
        took_bytes = at + CHUNK_BYTES;
    }
    spent = true;
}

static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        bail(path);
    return fd;
}

int main(int words, char **word)
{
    if (words != 7) {
        (void)fputs("crossing: give FLOOR_BYTES MIB_PER_SECOND MOST_MIB USAGE_FILE LIMIT_FILE OLD_LIMIT\n", stderr);
        return 64;
    }
    struct watch w = {.floor = strtoull(word[1], NULL, 10), .old = word[6]};
    meminfo = open_file("/proc/meminfo");
    usage = open_file(word[4]);
    limit = open_file(word[5]);
    pthread_t watcher;
    if (pthread_create(&watcher, NULL, watch, &w) != 0)
        bail("cannot start the watch");
    /* A watch that waits for a CPU would take its own lateness for the balloon's. */
    (void)pthread_setschedparam(watcher, SCHED_FIFO, &(struct sched_param){.sched_priority = 3});
    take(strtoull(word[2], NULL, 10) * MIB, strtoull(word[3], NULL, 10) * MIB);
    (void)pthread_join(watcher, NULL);
    if (w.released_us == 0 || w.restored_us == 0)
        (void)puts("none");
    else
        (void)printf("crossed restored-us=%" PRIu64 " released-us=%" PRIu64 " late-us=%" PRIu64 " held=%" PRIu64 " took=%lu\n",
                     w.restored_us, w.released_us, w.late_us, w.held_bytes, took_bytes);
    return 0;
}
