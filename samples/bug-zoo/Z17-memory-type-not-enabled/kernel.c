// A buffer of 64 KiB by one Svnapot entry, and a page for a device to read as non-cacheable memory by Svpbmt, whose bits
// are reserved until M-mode sets menvcfg.PBMTE.

#include "zoo.h"

#define PTE_N (1UL << 63)
#define PTE_NC (1UL << 61)
#define MENVCFG_PBMTE (1UL << 62)
#define NAPOT_64K 0x8000UL // in the address: half the range

#define BUFFER (RAM_PA + MEGA)
#define SHARED (BUFFER + 16 * PAGE) // with a device
#define WINDOW 0x40000000UL
#define UNCACHED (WINDOW + MEGA)

static TABLE pte_t root[512];

void machine_main(void) {
  open_pmp();
#ifdef REPAIRED
  __asm__ volatile("csrs 0x30a, %0" : : "r"(MENVCFG_PBMTE)); // menvcfg
#endif
  enter_supervisor(supervisor_main);
}

void supervisor_main(void) {
  *(volatile u64 *)BUFFER = 42;
  *(volatile u64 *)SHARED = 42;
  map_image(root, 0);
  map_devices(root);
  for (int page = 0; page < 16; page++) {
    *entry_for(root, WINDOW + page * PAGE, 0) = entry(BUFFER | NAPOT_64K, PTE_N | PTE_R | PTE_W | PTE_A | PTE_D);
  }
  map(root, UNCACHED, SHARED, PAGE, PTE_NC | PTE_R | PTE_W);
  csr_write(satp, satp_of(root));
  power_off(*(volatile u64 *)WINDOW == 42 && *(volatile u64 *)UNCACHED == 42 ? 0 : 1);
}
