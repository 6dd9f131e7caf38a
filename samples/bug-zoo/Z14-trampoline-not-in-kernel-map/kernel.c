// A user program makes an ecall. The handler lies in a page that is mapped at TRAMPOLINE in the user's map; it switches to
// the kernel's map, which must hold it at the same address.

#include "zoo.h"

#define TRAMPOLINE 0x3ffffff000UL
#define USER_VA 0x1000UL

static TABLE pte_t kernel_root[512];
static TABLE pte_t user_root[512];

extern char uservec[], user_program[];

void usertrap(void) {
  say("ecall");
  power_off(0);
}

void machine_main(void) {
  open_pmp();
  map_image(kernel_root, 0);
  map_devices(kernel_root);
#ifdef REPAIRED
  map(kernel_root, TRAMPOLINE, (u64)uservec, PAGE, PTE_R | PTE_X);
#endif
  map(user_root, TRAMPOLINE, (u64)uservec, PAGE, PTE_R | PTE_X);
  map(user_root, USER_VA, (u64)user_program, PAGE, PTE_R | PTE_X | PTE_U);

  csr_write(satp, satp_of(user_root));
  csr_write(stvec, TRAMPOLINE);
  csr_write(sscratch, satp_of(kernel_root));
  csr_write(medeleg, -1UL);
  csr_write(mstatus, 0); // MPP = U
  csr_write(mepc, USER_VA);
  __asm__ volatile("mret");
}
