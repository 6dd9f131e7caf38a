// Reads of the time, as a scheduler or a delay loop does them.

#include "bench.h"

uint64_t work(uint64_t loops) {
  uint64_t last = 0, backwards = 0;
  for (uint64_t i = 0; i < loops * 1000; i++) {
    uint64_t now;
    __asm__ volatile("rdtime %0" : "=r"(now));
    backwards += now < last;
    last = now;
  }
  return backwards + 1;
}
