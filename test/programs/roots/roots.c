// Goes between two page tables without ASIDs and changes them: counts where it does not see what it has to. A page is one
// of two in the first table and a third in the second.

typedef unsigned long word;

#define PAGE __attribute__((aligned(4096)))
#if __riscv_xlen == 64
#define BASE 0x2000155000UL
#define SATP_SV (8UL << 60)
#define TOP 30
#define ENTRIES 512
#else
#define BASE 0x50155000UL
#define SATP_SV (1UL << 31)
#define TOP 22
#define ENTRIES 1024
#endif

word rounds = 300; // or as the test sets it
volatile word wrong, finished;

PAGE static word roots[2][ENTRIES], leaves[2][ENTRIES];
PAGE static word frames[3][ENTRIES];
// Far from all other pages: nothing else fills the tables of translations near its entry.
#define CODE (BASE - 0xbc000)
PAGE static unsigned code[2][1024];

__attribute__((section(".text.start"), naked)) void _start(void) {
  __asm__("la sp, stack_top\n li t0, -1\n csrw pmpaddr0, t0\n li t0, 0x1f\n csrw pmpcfg0, t0\n li t0, 1 << 11\n csrw mstatus, t0\n"
          "la t0, run\n csrw mepc, t0\n mret\n.pushsection .bss\n.align 4\n.space 4096\nstack_top:\n.popsection");
}

static word entry(const void *pa, word flags) { return (word)pa >> 12 << 10 | flags; }

static void map(word which) { leaves[0][BASE >> 12 & (ENTRIES - 1)] = entry(frames[which], 0xc7); }

static void expect(word which) { wrong += *(volatile word *)BASE != which; }

static void expect_code(word which) {
  leaves[0][CODE >> 12 & (ENTRIES - 1)] = entry(code[which], 0xcf);
  __asm__ volatile("sfence.vma" ::: "memory");
  wrong += ((word (*)(void))CODE)() != which;
}

static void set_vector(word value, word held) {
  word read;
  __asm__ volatile("csrw stvec, %1\n csrr %0, stvec" : "=r"(read) : "r"(value));
  wrong += read != held;
}

void run(void) {
  for (word i = 0; i < 3; i++) frames[i][0] = i;
  for (word i = 0; i < 2; i++) {
    code[i][0] = 0x00000513 | i << 20; // li a0, i
    code[i][1] = 0x00008067;           // ret
  }
  word satps[2];
  for (word space = 0; space < 2; space++) {
    roots[space][0x80000000UL >> TOP] = entry((void *)0x80000000, 0xcf);
#if __riscv_xlen == 64
    PAGE static word middles[2][ENTRIES];
    roots[space][BASE >> TOP] = entry(middles[space], 1);
    middles[space][0] = entry(leaves[space], 1);
#else
    roots[space][BASE >> TOP] = entry(leaves[space], 1);
#endif
    satps[space] = SATP_SV | (word)roots[space] >> 12;
  }
  leaves[1][BASE >> 12 & (ENTRIES - 1)] = entry(frames[2], 0xc7);
  map(0);
  __asm__ volatile("csrw satp, %0\n sfence.vma" ::"r"(satps[0]) : "memory");
  // Pages that are fetched from for the first time.
  expect_code(0);
  expect_code(1);
  for (word i = 0; i < rounds; i++) {
    map(1);
    __asm__ volatile("sfence.vma" ::: "memory");
    expect(1);
    // This machine forgets what it knows of a table without an ASID when it goes to another.
    __asm__ volatile("csrw satp, %0" ::"r"(satps[1]) : "memory");
    expect(2);
    map(0);
    __asm__ volatile("csrw satp, %0" ::"r"(satps[0]) : "memory");
    expect(0);
    map(1);
    __asm__ volatile("sfence.vma %0, zero" ::"r"(BASE) : "memory");
    expect(1);
    map(0);
    __asm__ volatile("csrw satp, %0\n sfence.vma zero, %1" ::"r"(satps[0]), "r"(0L) : "memory");
    expect(0);
    set_vector((word)frames | (i & 1), (word)frames | (i & 1));
  }
  // A MODE that there is not leaves MODE as it was.
  set_vector((word)frames, (word)frames);
  set_vector((word)frames | 3, (word)frames);
  set_vector((word)frames | 1, (word)frames | 1);
  set_vector((word)frames | 2, (word)frames | 1);
  finished = 1;
  for (;;) __asm__("wfi");
}
