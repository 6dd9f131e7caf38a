// Calls of the firmware that do next to nothing, from S-mode to M-mode and back.

#include "bench.h"

static uint64_t firmware_call(uint64_t value) {
  register uint64_t a0 __asm__("a0") = value;
  __asm__ volatile("ecall" : "+r"(a0)::"memory");
  return a0;
}

uint64_t work(uint64_t loops) {
  uint64_t sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++)
    for (uint64_t i = 0; i < 1000; i++) sum = firmware_call(sum + i);
  return sum;
}
