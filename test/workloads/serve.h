// Requests over a Unix socket.
#pragma once
#include <stdint.h>

/** Answers each byte that comes over `path` once the work of a request is done, in a thread of its own. */
void start_serving(const char *path, char *working_set, uint64_t bytes);
