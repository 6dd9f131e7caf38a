// satp is written and nothing changes: M-mode does not translate, so the upper half is not there.

#include "zoo.h"

#define UPPER_HALF 0xffffffff00000000UL

static TABLE pte_t root[512];
static volatile u64 ticks;

void machine_main(void) {
  map_image(root, 0);
  map_image(root, UPPER_HALF);
  map_devices(root);
  csr_write(satp, satp_of(root));
#ifdef REPAIRED
  open_pmp();
  enter_supervisor(supervisor_main);
#else
  supervisor_main();
#endif
}

void supervisor_main(void) {
  volatile u64 *high = (volatile u64 *)((u64)&ticks + UPPER_HALF);
  *high += 1;
  power_off(ticks == 1 ? 0 : 1);
}
