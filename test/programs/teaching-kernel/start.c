// From M-mode to S-mode, on each hart for itself.

#include "kernel.h"

#define INTERVAL 100000
#define ALL_RWX 0x1f
#define MPP_S (1L << 11)
#define MPP (3L << 11)
#define MIE (1L << 3)
#define MSIE (1L << 3)
#define MTIE (1L << 7)
#define SSIE (1L << 1)
#define SEIE (1L << 9)

char stacks[HARTS][PAGE] __attribute__((aligned(16)));

struct machine machines[HARTS];

void machine_trap(void);

void start(u64 hart) {
  struct machine *machine = &machines[hart];
  machine->mtimecmp = MTIMECMP(hart);
  machine->interval = INTERVAL;
  machine->msip = MSIP(hart);

  write_csr(mscratch, machine);
  write_csr(mtvec, machine_trap);
  write_csr(satp, 0);
  write_csr(medeleg, 0xffff);
  write_csr(mideleg, SSIE | SEIE);
  write_csr(sie, SSIE | SEIE);
  write_csr(pmpaddr0, ~0UL >> 10);
  write_csr(pmpcfg0, ALL_RWX);
  *MTIMECMP(hart) = *MTIME + INTERVAL;
  set_csr(mie, MSIE | MTIE);

  // S-mode cannot read mhartid.
  asm volatile("mv tp, %0" : : "r"(hart));
  clear_csr(mstatus, MPP);
  set_csr(mstatus, MPP_S | MIE);
  write_csr(mepc, main);
  asm volatile("mret");
}

u64 hart_id(void) {
  u64 id;
  asm volatile("mv %0, tp" : "=r"(id));
  return id;
}
