// One page table for all harts: devices and RAM where they are, in pages of 4 KiB and 2 MiB.

#include "kernel.h"

#define V 1
#define R 2
#define W 4
#define X 8
#define A 64
#define D 128
#define SV39 (8L << 60)
#define MEGAPAGE 0x200000L

typedef u64 table[512];

static table tables[16] __attribute__((aligned(PAGE)));
static u64 used = 1;

static u64 *entry(u64 address, int level) {
  u64 *at = tables[0];
  for (int above = 2;; above--) {
    u64 *found = &at[(address >> (12 + 9 * above)) & 511];
    if (above == level) return found;
    if (!(*found & V)) *found = ((u64)tables[used++] >> 12 << 10) | V;
    at = (u64 *)(*found >> 10 << 12);
  }
}

static void map(u64 from, u64 size, int level) {
  u64 page = level ? MEGAPAGE : PAGE;
  for (u64 address = from; address < from + size; address += page) {
    *entry(address, level) = (address >> 12 << 10) | V | R | W | X | A | D;
  }
}

void map_kernel(void) {
  map(FINISHER, PAGE, 0);
  map(CLINT, 0x10000, 0);
  map(PLIC, MEGAPAGE * 2, 1);
  map(UART, PAGE, 0);
  map(VIRTIO, PAGE, 0);
  map(RAM, RAM_SIZE, 1);
}

void turn_paging_on(void) {
  asm volatile("sfence.vma");
  write_csr(satp, SV39 | ((u64)tables[0] >> 12));
  asm volatile("sfence.vma");
}
