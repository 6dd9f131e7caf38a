// A random chain through 16 MB with one link a 4 KiB page, under Sv39: nearly every load is a TLB miss.

#include "bench.h"

#define PAGES (WINDOW_BYTES >> 12)
#define LINK(page) WINDOW[(page) * 512 + ((page) * 8 & 511)] // spread over cache lines

uint64_t work(uint64_t loops) {
  uint64_t state = 11;
  for (uint64_t i = 0; i < PAGES; i++) LINK(i) = i;
  for (uint64_t i = PAGES - 1; i > 0; i--) {
    uint64_t other = next_random(&state) % i, kept = LINK(i);
    LINK(i) = LINK(other);
    LINK(other) = kept;
  }
  uint64_t at = 0, sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++) {
    for (uint64_t i = 0; i < PAGES; i++) at = LINK(at);
    sum = sum * 3 + at + LINK(loop & (PAGES - 1));
  }
  return sum;
}
