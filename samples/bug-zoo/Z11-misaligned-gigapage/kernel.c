// A window onto RAM by one gigapage, which begins where no gigapage can.

#include "zoo.h"

#define WINDOW 0x40000000UL
#define BUFFER (RAM_PA + MEGA)

static TABLE pte_t root[512];

void supervisor_main(void) {
  *(volatile u64 *)BUFFER = 42;
  map_image(root, 0);
  map_devices(root);
#ifdef REPAIRED
  const int level = 1;
#else
  const int level = 2;
#endif
  *entry_for(root, WINDOW, level) = entry(BUFFER, PTE_R | PTE_W | PTE_A | PTE_D);
  csr_write(satp, satp_of(root));
  power_off(*(volatile u64 *)WINDOW == 42 ? 0 : 1);
}
