// The PLIC: the disk's interrupt, to every hart in S-mode.

#include "kernel.h"

#define PRIORITY(source) ((volatile u32 *)(PLIC + 4 * (source)))
#define ENABLE(hart) ((volatile u32 *)(PLIC + 0x2080 + 0x100 * (hart)))
#define THRESHOLD(hart) ((volatile u32 *)(PLIC + 0x201000 + 0x2000 * (hart)))
#define CLAIM(hart) ((volatile u32 *)(PLIC + 0x201004 + 0x2000 * (hart)))

void plic_init(void) { *PRIORITY(DISK_IRQ) = 1; }

void plic_init_hart(void) {
  *ENABLE(hart_id()) = 1 << DISK_IRQ;
  *THRESHOLD(hart_id()) = 0;
}

u32 plic_claim(void) { return *CLAIM(hart_id()); }

void plic_complete(u32 source) { *CLAIM(hart_id()) = source; }
