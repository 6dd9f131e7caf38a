// A program of the benchmark in U-mode: the kernel under it is user.S.

#pragma once

#include <stdint.h>

// Runs `program(argument)` in U-mode; its pages are the whole of RAM once more, for U-mode, and a window of its own in each of
// the two address spaces. Returns what it left with.
uint64_t in_user_mode(uint64_t (*program)(uint64_t), uint64_t argument);

// 64 pages of 4 KiB, other ones in each address space.
#define USER_WINDOW ((uint64_t *)0x2000000000)
#define USER_PAGES 64

enum { CALL, SWITCH, LEAVE, UNMAP };

// CALL computes something; SWITCH goes on in the other address space; LEAVE ends the program with `value`; UNMAP takes the
// window of the first address space away, whose pages come back as they are touched.
static inline uint64_t system_call(uint64_t number, uint64_t value) {
  register uint64_t a0 __asm__("a0") = value;
  register uint64_t a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}
