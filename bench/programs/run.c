// Runs the program, prints what it found, powers off.

#include "bench.h"

static void put(char c) {
  volatile uint8_t *uart = (volatile uint8_t *)0x10000000;
  while (!(uart[5] & 0x20)) {
  }
  uart[0] = c;
}

static void put_text(const char *text) {
  while (*text) put(*text++);
}

static void put_hex(uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
}

static uint64_t instructions(void) {
  uint64_t count;
  __asm__ volatile("rdinstret %0" : "=r"(count)::"memory");
  return count;
}

void run(void) {
  uint64_t before = instructions();
  uint64_t checksum = work(LOOPS);
  uint64_t count = instructions() - before;
  put_text("checksum ");
  put_hex(checksum);
  put_text(" instructions ");
  put_hex(count);
  put_text(" loops ");
  put_hex(LOOPS);
  put('\n');
  *(volatile uint32_t *)0x100000 = 0x5555;
  for (;;) {
  }
}
