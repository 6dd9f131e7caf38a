// Pages of a program that are mapped when they are first touched: the kernel writes an entry, fences and returns.

#include "bench.h"
#include "user.h"

static uint64_t touches(uint64_t loops) {
  uint64_t sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++)
    for (uint64_t round = 0; round < 16; round++) {
      system_call(UNMAP, 0);
      for (uint64_t page = 0; page < USER_PAGES; page++) {
        uint64_t *at = &USER_WINDOW[page * 512 + round];
        sum = sum * 3 + *at;
        *at = sum + loop;
      }
    }
  return sum;
}

uint64_t work(uint64_t loops) { return in_user_mode(touches, loops); }
