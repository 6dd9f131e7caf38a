// Read, change and write back 8 MB in order, under Sv39: the throughput of loads and stores.

#include "bench.h"

#define WORDS ((8UL << 20) / 8)

uint64_t work(uint64_t loops) {
  for (uint64_t i = 0; i < WORDS; i++) WINDOW[i] = i;
  for (uint64_t loop = 0; loop < loops; loop++) {
    for (uint64_t i = 0; i < WORDS; i++) WINDOW[i] = WINDOW[i] * 3 + loop;
  }
  uint64_t sum = 0;
  for (uint64_t i = 0; i < WORDS; i++) sum = sum * 5 + WINDOW[i];
  return sum;
}
