// Page tables: three maps on the way up, and the tools for a fourth (see process.c).

#include "paging.h"

#include "console.h"

#define MEGA (2UL << 20)
#define GIGA (1UL << 30)
#define TABLE __attribute__((aligned(PAGE_SIZE)))

TABLE pte_t identity_root[512];
TABLE pte_t trampoline_root[512];
TABLE pte_t kernel_root[512];
TABLE pte_t process_root[512];

extern char __text_start[], __rodata_start[], __data_start[], __stack_guard[], __stack_bottom[], __image_end[];

// Added to a physical address to get a pointer: nothing at first, the direct map's distance once that is in force.
static uint64_t direct_offset;
static uint64_t next_free_page;

static void *pointer_to(uint64_t pa) { return (void *)(pa + direct_offset); }

uint64_t physical(const void *object) {
  uint64_t address = (uint64_t)object;
  return address >= KERNEL_VA ? address - KERNEL_OFFSET : address;
}

uint64_t allocate_page(void) {
  if (!next_free_page) next_free_page = physical(__image_end);
  uint64_t page = next_free_page;
  next_free_page += PAGE_SIZE;
  uint64_t *words = pointer_to(page);
  for (int i = 0; i < PAGE_SIZE / 8; i++) words[i] = 0;
  return page;
}

static pte_t entry(uint64_t pa, uint64_t flags) { return pa >> 12 << 10 | flags | PTE_V; }

// The entry for `va` at `level` (2 = gigapages … 0 = pages); tables on the way are made where they are missing.
static pte_t *find_entry(pte_t *table, uint64_t va, int level) {
  for (int at = 2;; at--) {
    pte_t *slot = &table[va >> (12 + 9 * at) & 511];
    if (at == level) return slot;
    if (!*slot) *slot = entry(allocate_page(), 0);
    table = pointer_to(*slot >> 10 << 12);
  }
}

void map(pte_t *root, uint64_t va, uint64_t pa, uint64_t size, uint64_t flags) {
  while (size) {
    int level = 0;
    uint64_t page = PAGE_SIZE;
    if ((va | pa) % MEGA == 0 && size >= MEGA) level = 1, page = MEGA;
    if ((va | pa) % GIGA == 0 && size >= GIGA) level = 2, page = GIGA;
    // A and D are set from the start: hardware that does not set them itself would fault instead.
    *find_entry(root, va, level) = entry(pa, flags | PTE_A | PTE_D);
    va += page, pa += page, size -= page;
  }
}

uint64_t satp_of(const pte_t *root, uint64_t asid) { return SATP_SV39 | asid << 44 | physical(root) >> 12; }

// Step 1: every address maps to itself; two gigapages, devices and RAM. Nothing is protected yet.
uint64_t build_identity_map(void) {
  say("S-mode, paging is off. Building an identity map.\n");
  map(identity_root, 0, 0, GIGA, PTE_R | PTE_W);
  map(identity_root, RAM_PA, RAM_PA, GIGA, PTE_R | PTE_W | PTE_X);
  return satp_of(identity_root, 0);
}

// Step 2: just enough to land in the upper half: the 2 MiB that hold the kernel.
uint64_t build_trampoline(void) {
  say("Paging is on: identity map. Building the upper half.\n");
  map(trampoline_root, KERNEL_VA, RAM_PA, MEGA, PTE_R | PTE_W | PTE_X);
  return satp_of(trampoline_root, 0);
}

// Maps an extent of the kernel image (where it is now) at its link address.
static void map_image(const char *start, const char *end, uint64_t flags) {
  uint64_t pa = physical(start);
  map(kernel_root, pa + KERNEL_OFFSET, pa, end - start, flags | PTE_G);
}

// Step 3: the map to stay. Nothing in it is both writable and executable.
uint64_t build_kernel_map(void) {
  map_image(__text_start, __rodata_start, PTE_R | PTE_X);
  map_image(__rodata_start, __data_start, PTE_R);
  map_image(__data_start, __stack_guard, PTE_R | PTE_W);
  map_image(__stack_bottom, __image_end, PTE_R | PTE_W);

  // The direct map. Code and constants are read-only here as well, or W^X would have a back door.
  uint64_t data = physical(__data_start);
  map(kernel_root, DIRECT_VA, RAM_PA, data - RAM_PA, PTE_R | PTE_G);
  map(kernel_root, DIRECT_VA + data - RAM_PA, data, RAM_PA + RAM_SIZE - data, PTE_R | PTE_W | PTE_G);

  map(kernel_root, DEVICES_VA, UART_PA, PAGE_SIZE, PTE_R | PTE_W | PTE_G);
  map(kernel_root, DEVICES_VA + PAGE_SIZE, FINISHER_PA, PAGE_SIZE, PTE_R | PTE_W | PTE_G);

  // All that is left to do under the identity map; what is set here is first used in the upper half.
  uint64_t satp = satp_of(kernel_root, 0);
  direct_offset = DIRECT_VA - RAM_PA;
  uart_address = DEVICES_VA;
  finisher_address = DEVICES_VA + PAGE_SIZE;
  return satp;
}
