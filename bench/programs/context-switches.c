// Switches between two address spaces with ASIDs; each touches 16 of its 64 pages.

#include "bench.h"
#include "user.h"

static uint64_t switches(uint64_t loops) {
  uint64_t sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++)
    for (uint64_t i = 0; i < 1000; i++) {
      system_call(SWITCH, 0);
      for (uint64_t page = 0; page < 16; page++) {
        uint64_t *at = &USER_WINDOW[((page * 4 + i) & (USER_PAGES - 1)) * 512 + page];
        sum = sum * 3 + *at;
        *at = sum + i;
      }
    }
  return sum;
}

uint64_t work(uint64_t loops) { return in_user_mode(switches, loops); }
