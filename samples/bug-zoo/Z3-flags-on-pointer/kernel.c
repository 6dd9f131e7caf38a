// One set of flags for every entry: A and D are set in pointers to tables as well, where they are reserved.

#include "zoo.h"

static TABLE pte_t root[512];

void supervisor_main(void) {
  map_image(root, 0);
  map_devices(root);
#ifndef REPAIRED
  *entry_for(root, RAM_PA, 2) |= PTE_A | PTE_D;
#endif
  csr_write(satp, satp_of(root));
  say("Paging is on.");
  power_off(0);
}
