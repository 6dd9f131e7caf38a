// Reads both words of mtime by one base register, again and again: where translated code looks a page up once for both, the
// page of a device must not pass for RAM.

typedef unsigned int word;

volatile word finished, wrong;

#define ROUNDS 2000

// The words of mtime at the end of their page (ACLINT), which has the other half of a page before it.
static volatile word *const mtime = (volatile word *)0x200bff8;

__attribute__((noinline)) static word read_pair(volatile word *pair, word *high) {
  word low = pair[0];
  *high = pair[1];
  return low;
}

__attribute__((section(".text.start"), naked)) void _start(void) {
  __asm__("la sp, stack_end\n\tj run");
}

char stack[4096] __attribute__((aligned(16)));
__asm__(".globl stack_end\nstack_end = stack + 4096");

__attribute__((used)) void run(void) {
  word before = 0;
  for (word round = 0; round < ROUNDS; round++) {
    word high = 1;
    word low = read_pair(mtime, &high);
    if (high != 0 || low < before || low > before + 1000000) wrong++;
    before = low;
  }
  finished = 1;
  for (;;) __asm__("wfi");
}
