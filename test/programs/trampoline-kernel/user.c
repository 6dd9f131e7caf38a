// The program of the kernel beside: linked at address 0.

void __attribute__((section(".text.unlikely"), noreturn)) _start(void);

static long call(long number) {
  register long a0 __asm__("a0");
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "=r"(a0) : "r"(a7) : "memory");
  return a0;
}

__attribute__((noinline)) long twice(long number) {
  return 2 * call(number);
}

void _start(void) {
  for (long n = 0;; n++) twice(n);
}
