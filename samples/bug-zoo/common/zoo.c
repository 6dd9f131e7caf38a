// What the fixtures share: see zoo.h.

#include "zoo.h"

u64 physical(const void *object) {
  u64 address = (u64)object;
  return address >= KERNEL_VA ? address - KERNEL_OFFSET : address;
}

// Pages for tables. Those that are mapped are written through their physical addresses, before paging or under a map in
// which these mean themselves.
static TABLE u8 pool[16][PAGE];
static unsigned used;

pte_t entry(u64 pa, u64 flags) { return pa >> 12 << 10 | flags | PTE_V; }

pte_t *entry_for(pte_t *root, u64 va, int level) {
  pte_t *table = root;
  for (int at = 2;; at--) {
    pte_t *slot = &table[va >> (12 + 9 * at) & 511];
    if (at == level) return slot;
    if (!*slot) *slot = entry(physical(pool[used++]), 0);
    table = (pte_t *)(*slot >> 10 << 12);
  }
}

void map(pte_t *root, u64 va, u64 pa, u64 size, u64 flags) {
  for (u64 at = 0; at < size; at += PAGE) *entry_for(root, va + at, 0) = entry(pa + at, flags | PTE_A | PTE_D);
}

static void map_part(pte_t *root, u64 offset, const char *start, const char *end, u64 flags) {
  map(root, physical(start) + offset, physical(start), end - start, flags);
}

void map_image(pte_t *root, u64 offset) {
  map_part(root, offset, __text_start, __rodata_start, PTE_R | PTE_X);
  map_part(root, offset, __rodata_start, __data_start, PTE_R);
  map_part(root, offset, __data_start, __stack_guard, PTE_R | PTE_W);
  map_part(root, offset, __stack_bottom, __image_end, PTE_R | PTE_W);
}

void map_devices(pte_t *root) {
  map(root, UART_PA, UART_PA, PAGE, PTE_R | PTE_W);
  map(root, FINISHER_PA, FINISHER_PA, PAGE, PTE_R | PTE_W);
}

u64 satp_of(const pte_t *root) { return SATP_SV39 | physical(root) >> 12; }

void open_pmp(void) {
  csr_write(pmpaddr0, -1UL >> 10);
  csr_write(pmpcfg0, 0x1f); // NAPOT, X, W, R
}

void enter_supervisor(void (*program)(void)) {
  csr_write(medeleg, -1UL);
  csr_write(mstatus, 1UL << 11); // MPP = S
  csr_write(mepc, program);
  __asm__ volatile("mret");
  __builtin_unreachable();
}

void say(const char *text) {
  for (; *text; text++) *(volatile u8 *)UART_PA = *text;
  *(volatile u8 *)UART_PA = '\n';
}

void power_off(int code) {
  *(volatile u32 *)FINISHER_PA = code ? (u32)code << 16 | 0x3333 : 0x5555;
  for (;;) {
  }
}

__attribute__((weak)) void machine_main(void) {
  open_pmp();
  enter_supervisor(supervisor_main);
}

// Only reached in fixtures that never leave M-mode.
__attribute__((weak)) void supervisor_main(void) { power_off(1); }
