// The first interrupt comes, and its handler saves registers on a stack that nobody has mapped: the push faults, the
// fault's handler pushes, and so on for ever.

#include "zoo.h"

#define TRAP_STACK 0x40000000UL
#define SSIP (1UL << 1) // supervisor software interrupt

static TABLE pte_t root[512];
static TABLE u8 trap_stack[PAGE];
static volatile u64 interrupts;

extern char trap_entry[];

void handle_interrupt(void) {
  __asm__ volatile("csrc sip, %0" : : "r"(SSIP));
  interrupts += 1;
}

void machine_main(void) {
  open_pmp();
  csr_write(mideleg, SSIP);
  enter_supervisor(supervisor_main);
}

void supervisor_main(void) {
  map_image(root, 0);
  map_devices(root);
#ifdef REPAIRED
  map(root, TRAP_STACK, (u64)trap_stack, PAGE, PTE_R | PTE_W);
#else
  (void)trap_stack;
#endif
  csr_write(stvec, trap_entry);
  csr_write(satp, satp_of(root));
  csr_set(sie, SSIP);
  csr_set(sip, SSIP);
  csr_set(sstatus, 1UL << 1); // SIE: now
  power_off(interrupts == 1 ? 0 : 1);
}
