// Modes are presets of the options: every option can be given with every mode.
#include "options.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024ull * 1024)
#define EXIT_USAGE 64

struct preset {
  const char *mode;
  struct options options;
};

static const struct preset presets[] = {
    {"lazily-freed", {.freed = 300 * MIB, .held = 46 * MIB}},
    {"held-idle", {.held = 300 * MIB}},
    {"held-used", {.held = 300 * MIB, .touch_ms = 200}},
    {"page-cache", {.cache = 100 * MIB, .held = 16 * MIB}},
    {"tmpfs", {.shared = 100 * MIB, .held = 16 * MIB}},
    {"mixed", {.freed = 100 * MIB, .held = 100 * MIB, .cache = 50 * MIB, .shared = 50 * MIB}},
    {"growing", {.held = 46 * MIB, .per_second = 1 * MIB}},
    {"latency", {.latency = 1}},
    {"sawtooth", {.held = 46 * MIB, .saw = 100 * MIB, .saw_ms = 1000}},
    {"warm-up", {.held = 46 * MIB, .warm = 100 * MIB, .warm_ms = 5000}},
    {"filling", {.held = 46 * MIB, .per_second = 10 * MIB, .growth_limit = 100 * MIB}},
};

enum kind { SIZE, COUNT, TEXT };

struct option_name {
  const char *name;
  enum kind kind;
  size_t offset;
};

static const struct option_name option_names[] = {
    {"freed", SIZE, offsetof(struct options, freed)},
    {"dirtied", SIZE, offsetof(struct options, dirtied)},
    {"held", SIZE, offsetof(struct options, held)},
    {"touch-milliseconds", COUNT, offsetof(struct options, touch_ms)},
    {"cache", SIZE, offsetof(struct options, cache)},
    {"reread-milliseconds", COUNT, offsetof(struct options, reread_ms)},
    {"file", TEXT, offsetof(struct options, file)},
    {"serve", TEXT, offsetof(struct options, serve)},
    {"shared", SIZE, offsetof(struct options, shared)},
    {"per-second", SIZE, offsetof(struct options, per_second)},
    {"latency", COUNT, offsetof(struct options, latency)},
    {"huge-pages", COUNT, offsetof(struct options, huge_pages)},
    {"ready-port", COUNT, offsetof(struct options, ready_port)},
    {"growth-limit", SIZE, offsetof(struct options, growth_limit)},
    {"saw", SIZE, offsetof(struct options, saw)},
    {"saw-milliseconds", COUNT, offsetof(struct options, saw_ms)},
    {"saw-lazy", COUNT, offsetof(struct options, saw_lazy)},
    {"warm", SIZE, offsetof(struct options, warm)},
    {"warm-milliseconds", COUNT, offsetof(struct options, warm_ms)},
};

void fail(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  dprintf(STDERR_FILENO, "workload: ");
  vdprintf(STDERR_FILENO, format, arguments);
  dprintf(STDERR_FILENO, "\n");
  va_end(arguments);
  exit(code);
}

static uint64_t parse_size(const char *name, const char *text) {
  static const struct {
    const char *suffix;
    unsigned shift;
  } units[] = {{"", 0}, {"Ki", 10}, {"Mi", 20}, {"Gi", 30}};
  char *end;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  if (text[0] >= '0' && text[0] <= '9' && errno == 0)
    for (size_t i = 0; i < LENGTH(units); i++)
      if (strcmp(end, units[i].suffix) == 0 && number <= (UINT64_MAX >> 20) >> units[i].shift)
        return ((number << units[i].shift) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  fail(EXIT_USAGE, "--%s=%s is not a size: give bytes, or a number with Ki, Mi or Gi", name, text);
}

static uint64_t parse_count(const char *name, const char *text) {
  char *end;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > 86400000)
    fail(EXIT_USAGE, "--%s=%s is not a whole number from 0 to 86400000", name, text);
  return number;
}

static void set_option(struct options *options, const char *argument) {
  const char *equals = strchr(argument, '=');
  for (size_t i = 0; equals && strncmp(argument, "--", 2) == 0 && i < LENGTH(option_names); i++) {
    const struct option_name *option = &option_names[i];
    size_t length = strlen(option->name);
    if (length != (size_t)(equals - argument - 2) || strncmp(argument + 2, option->name, length) != 0) continue;
    void *field = (char *)options + option->offset;
    if (option->kind == TEXT) *(const char **)field = equals + 1;
    else *(uint64_t *)field = (option->kind == SIZE ? parse_size : parse_count)(option->name, equals + 1);
    return;
  }
  fail(EXIT_USAGE, "%s is not an option: see the table in test/workloads/README.md", argument);
}

static struct options find_preset(const char *mode) {
  for (size_t i = 0; mode && i < LENGTH(presets); i++)
    if (strcmp(mode, presets[i].mode) == 0) return presets[i].options;
  fail(EXIT_USAGE, "%s is not a mode: lazily-freed, held-idle, held-used, page-cache, tmpfs, mixed, growing, latency, sawtooth, warm-up or filling",
       mode ? mode : "nothing");
}

struct options parse_options(int count, char **arguments) {
  struct options options = find_preset(arguments[1]);
  options.file = "workload.cache";
  for (int i = 2; i < count; i++) set_option(&options, arguments[i]);
  if (options.dirtied > options.freed) fail(EXIT_USAGE, "--dirtied must not be above --freed: it is part of it");
  if (options.saw && options.saw_ms == 0) fail(EXIT_USAGE, "--saw needs --saw-milliseconds, its period");
  if (options.warm && options.warm_ms == 0) fail(EXIT_USAGE, "--warm needs --warm-milliseconds, its time constant");
  if (options.serve && options.held == 0) fail(EXIT_USAGE, "--serve needs --held: the working set of its requests");
  if (options.ready_port > 65535) fail(EXIT_USAGE, "--ready-port must be at most 65535");
  return options;
}
