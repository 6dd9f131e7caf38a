// Calls and returns: recursion, calls in a row, calls through pointers.

#include "bench.h"

#define NOINLINE __attribute__((noinline, noipa))

NOINLINE static uint64_t fibonacci(uint64_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

NOINLINE static uint64_t add(uint64_t a, uint64_t b) { return a + b; }
NOINLINE static uint64_t mix(uint64_t a, uint64_t b) { return a ^ (b << 3); }
NOINLINE static uint64_t turn(uint64_t a, uint64_t b) { return (a << 9 | a >> 55) - b; }

static uint64_t (*const functions[4])(uint64_t, uint64_t) = {add, mix, turn, add};

uint64_t work(uint64_t loops) {
  uint64_t sum = 1;
  for (uint64_t loop = 0; loop < loops; loop++) {
    sum += fibonacci(16);
    for (uint64_t i = 0; i < 1000; i++) sum = functions[(sum >> 7 ^ i) & 3](sum, i);
  }
  return sum;
}
