/* malloc MODE: a C server in small, whose memory is known. It prints "ready" when its memory stands, and stays. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 32000, BLOCKS = 2560 }; /* 78 MiB */

static char *blocks[BLOCKS];

static void allocate(void) {
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = malloc(BLOCK_BYTES);
    memset(blocks[i], 1, BLOCK_BYTES);
  }
}

/* The last block stays: glibc gives back only what is at the top of its heap. */
static void free_all_but_last(void) {
  for (int i = 0; i < BLOCKS - 1; i++) free(blocks[i]);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  allocate();
  if (strcmp(mode, "leaking") != 0) free_all_but_last();
  if (strcmp(mode, "trimmed") == 0) malloc_trim(0);
  puts("ready");
  fflush(stdout);
  for (;;) {
    usleep(100000);
    if (strcmp(mode, "leaking") == 0)
      for (int i = 0; i < 8; i++) memset(malloc(BLOCK_BYTES), 1, BLOCK_BYTES);
  }
}
