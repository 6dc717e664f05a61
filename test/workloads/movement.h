// Memory that comes and goes by the clock.
#pragma once
#include "options.h"

/** How often it moves: 50 steps in a period of a second. */
#define MOVE_MS 20

/** Reserves what is needed; the clock starts here. */
void start_movement(const struct options *options);

/** A collector's heap: rises from 0 to `saw` within `saw_ms`, is given back at once, and so on. */
void move_sawtooth(void);

/** A warm-up: approaches `warm` with the time constant `warm_ms`. */
void move_warm_up(void);
