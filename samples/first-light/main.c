// The kernel in its own address space: three ticks of the clock, one program, lights out.

#include "console.h"
#include "process.h"
#include "riscv.h"

#define TICK 10000 // 1 ms: `time` counts at 10 MHz

static volatile uint64_t ticks;

static void set_timer(void) { csr_write(stimecmp, csr_read(time) + TICK); }

static void panic(struct trap_frame *frame) {
  say("panic: unexpected trap, scause %x, sepc %x, stval %x\n", csr_read(scause), frame->sepc, csr_read(stval));
  power_off(1);
}

// Called by trap_entry; returning goes back to what was interrupted.
void handle_trap(struct trap_frame *frame) {
  switch (csr_read(scause)) {
    case CAUSE_TIMER:
      ticks++;
      set_timer(); // also takes the interrupt back
      return;
    case CAUSE_ECALL_FROM_U:
      system_call(frame);
      return;
    case CAUSE_LOAD_PAGE_FAULT:
    case CAUSE_STORE_PAGE_FAULT:
      if (!grow_stack(csr_read(stval))) panic(frame);
      return;
    default:
      panic(frame);
  }
}

static void wait_for_ticks(uint64_t count) {
  set_timer();
  csr_set(sie, SIE_STIE);
  csr_set(sstatus, SSTATUS_SIE);
  for (uint64_t seen = 0; seen < count;) {
    __asm__ volatile("wfi");
    if (ticks == seen) continue;
    seen = ticks;
    say("tick %d\n", seen);
  }
  csr_clear(sstatus, SSTATUS_SIE);
  csr_clear(sie, SIE_STIE);
}

void kernel_main(void) {
  say("Hello from the upper half: kernel_main is at %x.\n", (uint64_t)kernel_main);
  wait_for_ticks(3);

  say("Starting the program in U-mode.\n");
  uint64_t code = run_process();
  say("The program exited with code %d.\n", code);

  say("Lights out.\n");
  power_off(code);
}
