// A chain of dependent loads through 64 KiB, under Sv39: the latency of one load.

#include "bench.h"

#define LINKS (65536 / 8)

uint64_t work(uint64_t loops) {
  uint64_t state = 7;
  for (uint64_t i = 0; i < LINKS; i++) WINDOW[i] = i;
  for (uint64_t i = LINKS - 1; i > 0; i--) { // Sattolo: one cycle through all links
    uint64_t other = next_random(&state) % i, kept = WINDOW[i];
    WINDOW[i] = WINDOW[other];
    WINDOW[other] = kept;
  }
  uint64_t at = 0, sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++) {
    for (int i = 0; i < LINKS; i++) at = WINDOW[at];
    sum = sum * 3 + at + WINDOW[loop % LINKS];
  }
  return sum;
}
