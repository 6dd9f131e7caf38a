// The program. It knows no device and no kernel address: an ecall is all it can do to the world.

static long ecall(long number, long first, const void *second, long third) {
  register long a0 __asm__("a0") = first;
  register const void *a1 __asm__("a1") = second;
  register long a2 __asm__("a2") = third;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static void write(const char *text) {
  long length = 0;
  while (text[length]) length++;
  ecall(64, 1, text, length);
}

static int runs = 0;

// The n-th Fibonacci number the slow way: the recursion needs the stack, and the first push makes the kernel map it.
static int __attribute__((noinline)) fibonacci(int n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

void __attribute__((section(".text.entry"), noreturn)) user_start(void) {
  write("  Hello from U-mode.\n");
  runs++;
  write(fibonacci(12) == 144 ? "  fibonacci(12) is 144.\n" : "  fibonacci(12) is wrong.\n");
  ecall(93, runs - 1, 0, 0);
  for (;;) {
  }
}
