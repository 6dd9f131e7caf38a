// Does in S-mode what a list of commands says: maps pages elsewhere, fences, goes to another address space, reads. Two spaces
// with the ASIDs 1 and 2 have all tables in common but their roots.

typedef unsigned long long u64;

#define PAGE __attribute__((aligned(4096)))
#define SMALL 8
#define LARGE 4
#define BASE 0x2000000000UL

enum { MAP, FENCE, FENCE_ADDRESS, FENCE_ASID, FENCE_BOTH, ENTER, READ };

volatile u64 finished;
u64 count, commands[3 * 4096], results[4096];

PAGE static u64 roots[2][512], middles[2][512], leaves[2][512];
PAGE static u64 frames[2][SMALL][512];
#define LARGE_FRAME(which) (0x80400000UL + (which) * 0x200000)

__attribute__((section(".text.start"), naked)) void _start(void) {
  __asm__("la sp, stack_top\n li t0, -1\n csrw pmpaddr0, t0\n li t0, 0x1f\n csrw pmpcfg0, t0\n li t0, 1 << 11\n csrw mstatus, t0\n"
          "la t0, run\n csrw mepc, t0\n mret\n.pushsection .bss\n.align 4\n.space 4096\nstack_top:\n.popsection");
}

static u64 entry(u64 pa, u64 flags) { return pa >> 12 << 10 | flags; }

// Pages 0 to 7 are small, the rest large; of four each two lie below a global pointer, of the others one has G in its leaf.
static u64 *leaf_of(u64 page) {
  u64 half = page & 1;
  return page < SMALL ? &leaves[half][page] : &middles[half][1 + page - SMALL];
}

static void map(u64 page, u64 which) {
  u64 pa = page < SMALL ? (u64)frames[which][page] : LARGE_FRAME(which);
  *leaf_of(page) = entry(pa, (page & 3) == 2 ? 0xe7 : 0xc7);
}

static u64 address_of(u64 page) {
  u64 base = BASE + (page & 1) * 0x40000000UL;
  return page < SMALL ? base + page * 4096 : base + (1 + page - SMALL) * 0x200000;
}

void run(void) {
  for (int space = 0; space < 2; space++) {
    roots[space][2] = entry(0x80000000, 0xef);
    roots[space][BASE >> 30] = entry((u64)middles[0], 1);
    roots[space][(BASE >> 30) + 1] = entry((u64)middles[1], 0x21);
  }
  for (int half = 0; half < 2; half++) middles[half][0] = entry((u64)leaves[half], 1);
  for (u64 which = 0; which < 2; which++) {
    for (u64 page = 0; page < SMALL; page++) frames[which][page][0] = which;
    for (u64 at = 0; at < 512; at++) *(u64 *)(LARGE_FRAME(which) + at * 4096) = which;
  }
  for (u64 page = 0; page < SMALL + LARGE; page++) map(page, 0);
  u64 satp = 8UL << 60 | (u64)roots[0] >> 12;
  __asm__ volatile("csrw satp, %0\n sfence.vma" ::"r"(satp | 1UL << 44) : "memory");
  for (u64 i = 0; i < count; i++) {
    u64 *command = &commands[3 * i];
    u64 a = command[1], b = command[2];
    switch (command[0]) {
      case MAP: map(a, b); break;
      case FENCE: __asm__ volatile("sfence.vma" ::: "memory"); break;
      case FENCE_ADDRESS: __asm__ volatile("sfence.vma %0, zero" ::"r"(address_of(a)) : "memory"); break;
      case FENCE_ASID: __asm__ volatile("sfence.vma zero, %0" ::"r"(b) : "memory"); break;
      case FENCE_BOTH: __asm__ volatile("sfence.vma %0, %1" ::"r"(address_of(a)), "r"(b) : "memory"); break;
      case ENTER: __asm__ volatile("csrw satp, %0" ::"r"(8UL << 60 | b << 44 | (u64)roots[b - 1] >> 12) : "memory"); break;
      default: results[i] = *(volatile u64 *)(address_of(a) + b * 4096);
    }
  }
  finished = 1;
  for (;;) __asm__("wfi");
}
