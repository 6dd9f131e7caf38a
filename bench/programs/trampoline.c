// System calls of a kernel in the way of xv6 (trampoline.S, trampoline-kernel.c): between any two the program touches four of
// its pages.

#include "bench.h"
#include "user.h"

static uint64_t pages[8][512];

static uint64_t calls(uint64_t loops) {
  uint64_t sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++)
    for (uint64_t i = 0; i < 1000; i++) {
      sum = system_call(CALL, sum + i);
      for (uint64_t page = 0; page < 4; page++) sum += pages[(i + page) & 7][i & 511] += sum;
    }
  return sum;
}

uint64_t work(uint64_t loops) { return in_user_mode(calls, loops); }
