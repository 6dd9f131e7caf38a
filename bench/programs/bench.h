// What every program of the benchmark stands on: the console, the checksum, the end.

#pragma once

#include <stdint.h>

// How often the program does its work: set by the build (-DLOOPS=…).
#ifndef LOOPS
#error "compile with -DLOOPS=N"
#endif

// The program itself: does the work `loops` times and returns a checksum over its results. Programs built with
// -DPAGED run in S-mode under Sv39; the others in M-mode.
uint64_t work(uint64_t loops);

// Paged programs: 16 MB of memory that is mapped by 4 KiB pages.
#define WINDOW ((uint64_t *)0x1000000000)
#define WINDOW_BYTES (16UL << 20)

// A deterministic pseudo-random sequence (xorshift64).
static inline uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}
