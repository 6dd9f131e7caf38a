// What the kernel does: it brings its harts up, reads and writes a sector, lets every hart tick and be called, and ends.

#include "kernel.h"

#define SOFTWARE 1
#define EXTERNAL 9
#define INTERRUPT (1UL << 63)

static volatile u64 turn;
static volatile u64 ready;
static volatile u64 ticks[HARTS];
static volatile u64 calls[HARTS];
static char sector[512];

static void fail(u64 cause) {
  print("unexpected trap: cause %x, pc %x, value %x\n", cause, read_csr(sepc), read_csr(stval));
  *(volatile u32 *)FINISHER = 0x13333;
  for (;;) {
  }
}

__attribute__((interrupt("supervisor"), aligned(4))) static void trap(void) {
  u64 cause = read_csr(scause);
  if (cause == (INTERRUPT | SOFTWARE)) {
    clear_csr(sip, 1 << SOFTWARE);
    u64 flags = __atomic_exchange_n(&machines[hart_id()].flags, 0, __ATOMIC_SEQ_CST);
    if (flags & TICK) ticks[hart_id()]++;
    if (flags & IPI) calls[hart_id()]++;
  } else if (cause == (INTERRUPT | EXTERNAL)) {
    u32 source = plic_claim();
    if (source == DISK_IRQ) disk_interrupt();
    if (source) plic_complete(source);
  } else {
    fail(cause);
  }
}

static void wait_for(volatile u64 *counter, u64 value) {
  while (*counter < value) asm volatile("wfi");
}

static void use_disk(void) {
  print("sector 1, status %d: %s\n", (u64)disk_transfer(1, sector, 0), sector);
  for (int at = 0; at < 511; at++) sector[at] = 'a' + at % 26;
  sector[26] = 0;
  print("write sector 2, status %d\n", (u64)disk_transfer(2, sector, 1));
  sector[0] = 0;
  print("sector 2, status %d: ", (u64)disk_transfer(2, sector, 0));
  print("%s\n", sector);
  print("sector 99, status %d\n", (u64)disk_transfer(99, sector, 0));
}

void main(void) {
  u64 hart = hart_id();
  if (hart == 0) {
    print("teaching kernel: %d harts\n", (u64)HARTS);
    map_kernel();
    plic_init();
  }
  // One after the other, so that the console tells the same story every time.
  while (turn != hart) {
  }
  __sync_synchronize();
  turn_paging_on();
  write_csr(stvec, trap);
  plic_init_hart();
  print("hart %d: paging is on, satp mode %d\n", hart, read_csr(satp) >> 60);
  turn = hart + 1;
  while (turn < HARTS) {
  }
  // The disk's interrupt goes to the first hart that claims it; here that is the one that waits.
  if (hart == 0) {
    set_csr(sstatus, SIE);
    disk_init();
    use_disk();
    ready = 1;
  }
  wait_for(&ready, 1);
  set_csr(sstatus, SIE);
  wait_for(&ticks[hart], 3);
  if (hart == 0) {
    for (u64 other = 1; other < HARTS; other++) *MSIP(other) = 1;
    for (u64 other = 1; other < HARTS; other++) wait_for(&calls[other], 1);
    print("every hart ticks, and came when it was called\n");
    *(volatile u32 *)FINISHER = 0x5555;
  }
  for (;;) asm volatile("wfi");
}
