// Two address spaces under Sv39 that have all but a window in common (user.S).

#include "bench.h"
#include "user.h"

#define TABLE __attribute__((aligned(4096)))

TABLE static uint64_t roots[2][512], middles[2][512], leaves[2][512];
TABLE static uint8_t windows[2][USER_PAGES][4096];
extern uint64_t spaces[2];
uint64_t *first_leaf = leaves[0];

static uint64_t entry(uint64_t pa, uint64_t flags) { return pa >> 12 << 10 | flags; }

void build_spaces(void) {
  for (uint64_t space = 0; space < 2; space++) {
    uint64_t *root = roots[space];
    root[0] = entry(0, 0xe7);           // V R W G A D
    root[2] = entry(0x80000000, 0xef);  // V R W X G A D
    root[4] = entry(0x80000000, 0xdf);  // V R W X U A D
    root[(uint64_t)USER_WINDOW >> 30] = entry((uint64_t)middles[space], 1);
    middles[space][0] = entry((uint64_t)leaves[space], 1);
    for (uint64_t i = 0; i < USER_PAGES; i++)
      leaves[space][i] = leaves[space][USER_PAGES + i] = entry((uint64_t)windows[space][i], 0xd7);
    spaces[space] = 8UL << 60 | (space + 1) << 44 | (uint64_t)root >> 12;
  }
}
