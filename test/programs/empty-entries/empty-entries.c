// Two loads by one base register, first often where memory is, then at addresses that look like what stands in an empty entry
// of a translation table. `faults` counts the exceptions.

typedef unsigned long long u64;

static u64 memory[4];
volatile u64 faults, sum, finished;
volatile u64 hostile;

__attribute__((section(".text.start"), naked)) void _start(void) {
  __asm__("la sp, stack_top\n la t0, handler\n csrw mtvec, t0\n j run\n.pushsection .bss\n.align 4\n.space 4096\nstack_top:\n.popsection");
}

// Comes back to the caller of `both`.
__attribute__((naked, aligned(4))) void handler(void) {
  __asm__("la t0, faults\n ld t1, 0(t0)\n addi t1, t1, 1\n sd t1, 0(t0)\n csrw mepc, ra\n li a0, 0\n mret");
}

__attribute__((noinline, noipa)) static u64 both(u64 address) {
  volatile u64 *at = (void *)address;
  return at[0] + at[1];
}

void run(void) {
  for (int i = 0; i < 10000; i++) sum += both((u64)memory);
  for (u64 i = 0; i < 64; i++) sum += both(hostile + i);
  finished = 1;
  for (;;) __asm__("wfi");
}
