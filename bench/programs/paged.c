// Sv39 for the paged programs: devices and RAM by gigapages, the window by 4 KiB pages, scattered unless PAGE_STEP is 1.

#include "bench.h"

#define PAGES (WINDOW_BYTES >> 12)
#ifndef PAGE_STEP
#define PAGE_STEP 1031
#endif
#define TABLE __attribute__((aligned(4096)))

TABLE static uint64_t root[512], middle[512], leaves[PAGES];
TABLE static uint8_t memory[WINDOW_BYTES];

static uint64_t entry(uint64_t pa, uint64_t flags) { return pa >> 12 << 10 | flags; }

uint64_t build_map(void) {
  root[0] = entry(0, 0xc7); // V R W A D
  root[2] = entry(0x80000000, 0xcf); // V R W X A D
  root[(uint64_t)WINDOW >> 30] = entry((uint64_t)middle, 1);
  for (uint64_t i = 0; i < PAGES / 512; i++) middle[i] = entry((uint64_t)&leaves[i * 512], 1);
  for (uint64_t i = 0; i < PAGES; i++) leaves[i] = entry((uint64_t)&memory[(i * PAGE_STEP & (PAGES - 1)) << 12], 0xc7);
  return 8UL << 60 | (uint64_t)root >> 12;
}
