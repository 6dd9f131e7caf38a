// The new map holds the kernel in the upper half, and nothing where the code that turns paging on runs.

#include "zoo.h"

#define UPPER_HALF 0xffffffff00000000UL

static TABLE pte_t root[512];

void supervisor_main(void) {
  map_image(root, UPPER_HALF);
#ifdef REPAIRED
  map_image(root, 0);
#endif
  map_devices(root);
  csr_write(satp, satp_of(root));
  say("Paging is on.");
  power_off(0);
}
