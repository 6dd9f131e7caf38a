// System calls that do next to nothing, from U-mode to S-mode and back.

#include "bench.h"
#include "user.h"

static uint64_t calls(uint64_t loops) {
  uint64_t sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++)
    for (uint64_t i = 0; i < 1000; i++) sum = system_call(CALL, sum + i);
  return sum;
}

uint64_t work(uint64_t loops) { return in_user_mode(calls, loops); }
