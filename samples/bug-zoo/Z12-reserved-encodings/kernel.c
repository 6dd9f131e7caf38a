// Three addresses that no walk can translate: a leaf that is writable but not readable, an address that is no Sv39
// address, and a table that points to itself. The handler skips each load.

#include "zoo.h"

#define WINDOW 0x40000000UL

static TABLE pte_t root[512];
static TABLE u64 data[512];

extern char skip_instruction[];

/** The word at `va`; 0 when the load is skipped. */
static u64 probe(u64 va) {
  u64 value = 0;
  __asm__ volatile(".option push\n.option norvc\nld %0, 0(%1)\n.option pop" : "+r"(value) : "r"(va) : "memory");
  return value;
}

void supervisor_main(void) {
  data[0] = 42;
  map_image(root, 0);
  map_devices(root);
  csr_write(stvec, skip_instruction);
#ifdef REPAIRED
  map(root, WINDOW, (u64)data, PAGE, PTE_R | PTE_W);
  const u64 far = 0xffffffc000000000UL;
  map(root, far, (u64)data, PAGE, PTE_R | PTE_W);
  const u64 own = 3UL << 30;
  map(root, own, (u64)data, PAGE, PTE_R | PTE_W);
#else
  map(root, WINDOW, (u64)data, PAGE, PTE_W);
  const u64 far = 0x4000000000UL;
  const u64 own = 3UL << 30 | 3UL << 21 | 3UL << 12;
  root[3] = entry((u64)root, 0);
#endif
  csr_write(satp, satp_of(root));
  const u64 sum = probe(WINDOW) + probe(far) + probe(own);
  power_off(sum == 3 * 42 ? 0 : 1);
}
