// A page table lies in memory that the firmware keeps for itself: the walker may not read it, and the hart raises an
// access fault, not a page fault.

#include "zoo.h"

#define WINDOW 0x40000000UL

static TABLE pte_t root[512];
static TABLE pte_t window_table[512];
static TABLE u8 firmware[PAGE];
static TABLE u64 data[512];

/** Keeps a page from S- and U-mode by PMP entry 0; entry 1 opens the rest. */
static void keep(const void *page) {
  csr_write(pmpaddr0, (u64)page >> 2 | (PAGE / 8 - 1));
  csr_write(pmpaddr1, -1UL >> 10);
  csr_write(pmpcfg0, 0x1f18);
}

void machine_main(void) {
#ifdef REPAIRED
  keep(firmware);
#else
  keep(window_table);
  (void)firmware;
#endif
  enter_supervisor(supervisor_main);
}

void supervisor_main(void) {
  map_image(root, 0);
  map_devices(root);
  *entry_for(root, WINDOW, 2) = entry((u64)window_table, 0);
#ifdef REPAIRED
  map(root, WINDOW, (u64)data, PAGE, PTE_R | PTE_W);
#endif
  csr_write(satp, satp_of(root));
  data[0] = 42;
  power_off(*(volatile u64 *)WINDOW == 42 ? 0 : 1);
}
