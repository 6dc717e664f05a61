#include "serve.h"
#include "memory.h"
#include "options.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SHARE_BYTES (256 * PAGE_BYTES)
#define BUFFER_BYTES (16 * PAGE_BYTES)

static struct {
  char *start;
  uint64_t bytes, next;
  int listener;
} served;

/** The next MiB of the working set, round and round: all of it is in use. */
static void touch_share(void) {
  for (uint64_t at = 0; at < SHARE_BYTES; at += PAGE_BYTES) {
    (*(volatile uint64_t *)(void *)(served.start + served.next))++;
    served.next = (served.next + PAGE_BYTES) % served.bytes;
  }
}

/** A buffer for this request alone: whoever serves allocates, and meets every limit that there is. */
static void use_buffer(void) {
  char *buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buffer == MAP_FAILED) fail(1, "cannot map a request's buffer: %s", strerror(errno));
  fill(buffer, BUFFER_BYTES);
  munmap(buffer, BUFFER_BYTES);
}

static void *serve(void *unused) {
  (void)unused;
  for (;;) {
    int client = accept(served.listener, NULL, NULL);
    for (char request; client >= 0 && read(client, &request, 1) == 1;) {
      touch_share();
      use_buffer();
      if (send(client, &request, 1, MSG_NOSIGNAL) != 1) break;
    }
    if (client >= 0) close(client);
  }
  return NULL;
}

void start_serving(const char *path, char *working_set, uint64_t bytes) {
  if (path == NULL) return;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  pthread_t thread;
  served.start = working_set;
  served.bytes = bytes;
  served.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
    fail(1, "--serve=%s is too long for a socket's path", path);
  if (served.listener < 0 || bind(served.listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(served.listener, 8) != 0 || pthread_create(&thread, NULL, serve, NULL) != 0)
    fail(1, "cannot serve on --serve=%s: %s", path, strerror(errno));
}
