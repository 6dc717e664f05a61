/*
 * requests SOCKET PERIOD_US: sends one byte every PERIOD_US and waits for its answer. A request's time counts from when it was
 * due, so that one that is held up does not hide those behind it. A line on stdin is answered with all requests since the
 * last: "requests DUE:TOOK ...", in microseconds, DUE since 1970. Says "ready" once it is connected; ends with its stdin.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_REQUESTS 1000000u
#define MOST_BEHIND_US 100000

struct request {
    uint64_t due_us;
    uint32_t took_us;
};

static struct request requests[MOST_REQUESTS];
static size_t count;

static uint64_t now_us(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path || fd < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

static void print_all(void)
{
    (void)fputs("requests", stdout);
    for (size_t i = 0; i < count; i++)
        (void)printf(" %" PRIu64 ":%" PRIu32, requests[i].due_us, requests[i].took_us);
    (void)putchar('\n');
    (void)fflush(stdout);
    count = 0;
}

/* False at the end of stdin. */
static bool hear(void)
{
    char line[64];
    if (poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, 0) != 1)
        return true;
    if (read(STDIN_FILENO, line, sizeof line) <= 0)
        return false;
    print_all();
    return true;
}

static void note(uint64_t due_us, uint64_t to_wall_us)
{
    if (count < MOST_REQUESTS)
        requests[count++] = (struct request){due_us + to_wall_us, (uint32_t)(now_us(CLOCK_MONOTONIC) - due_us)};
}

/* False when the server is gone. */
static bool ask(int server, uint64_t due_us, uint64_t to_wall_us)
{
    char byte = 'r';
    if (write(server, &byte, 1) != 1 || read(server, &byte, 1) != 1)
        return false;
    note(due_us, to_wall_us);
    return true;
}

/*
 * A machine that cannot keep up must not be taken whole by a client and a server that run ahead of all: what it is behind with
 * is given up, as late as it is, and it is left alone for longer than it was behind.
 */
static uint64_t give_up(uint64_t due_us, uint64_t period_us, uint64_t to_wall_us)
{
    uint64_t now = now_us(CLOCK_MONOTONIC);
    if (now < due_us + MOST_BEHIND_US)
        return due_us;
    for (uint64_t missed_us = due_us + period_us; missed_us < now; missed_us += period_us)
        note(missed_us, to_wall_us);
    return now + (now - due_us) * 4;
}

int main(int words, char **word)
{
    if (words != 3 || atoi(word[2]) <= 0) {
        (void)fputs("requests: give SOCKET PERIOD_US\n", stderr);
        return 64;
    }
    (void)prctl(PR_SET_TIMERSLACK, 1); /* else a timer's own 50 us are measured */
    uint64_t period_us = (uint64_t)atoi(word[2]);
    int server = connect_to(word[1]);
    memset(requests, 0, sizeof requests); /* no page fault between two requests */
    (void)puts("ready");
    (void)fflush(stdout);
    uint64_t to_wall_us = now_us(CLOCK_REALTIME) - now_us(CLOCK_MONOTONIC);
    for (uint64_t due_us = now_us(CLOCK_MONOTONIC) + period_us;; due_us += period_us) {
        struct timespec due = {(time_t)(due_us / 1000000), (long)(due_us % 1000000 * 1000)};
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        if (!ask(server, due_us, to_wall_us))
            return 1;
        due_us = give_up(due_us, period_us, to_wall_us);
        if (!hear())
            return 0;
        /* A print may take long: what was due meanwhile was not asked for by anybody. */
        if (now_us(CLOCK_MONOTONIC) > due_us + period_us && count == 0)
            due_us = now_us(CLOCK_MONOTONIC);
    }
}
