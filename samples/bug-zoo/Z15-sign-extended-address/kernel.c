// `lui` sign-extends: what looks like the start of RAM is 0xffffffff80000000. The twin loads the right constant, and
// reads the same byte for byte through a map of that upper address.

#include "zoo.h"

static TABLE pte_t root[512];

extern char _start[];

static u64 start_of_ram(void) {
  u64 address;
#ifdef REPAIRED
  __asm__("li %0, 0x80000000" : "=r"(address));
#else
  __asm__("lui %0, 0x80000" : "=r"(address));
#endif
  return address;
}

void supervisor_main(void) {
  map_image(root, 0);
  map_devices(root);
#ifdef REPAIRED
  map_image(root, 0xffffffff00000000UL);
#endif
  csr_write(satp, satp_of(root));
  power_off(*(volatile u64 *)start_of_ram() == *(volatile u64 *)_start ? 0 : 1);
}
