// Accesses of every size and kind at places that the host writes to `places`, so that it knows which of them touch what it
// watches; over and over, so that they are translated.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum { COUNT = 400 };
enum { LOAD, STORE, FLOAT_LOAD, FLOAT_STORE, AMO, RESERVED };

volatile struct { u32 offset, size, kind; } places[COUNT] = {{1, 1, 1}};
volatile u32 rounds = 1;
_Alignas(4096) u8 page[8192];
volatile u32 finished;

__attribute__((section(".text.start"), naked)) void _start(void) {
  // mstatus.FS = Initial
  __asm__("li t0, 0x2000\n csrs mstatus, t0\n la sp, stack_top\n j run\n"
          ".pushsection .bss\n.align 4\n.space 4096\nstack_top:\n.popsection");
}

#define PLAIN(size, type)                                          \
  case LOAD << 4 | size: (void)*(volatile type *)address; break;   \
  case STORE << 4 | size: *(volatile type *)address = (type)i; break;
#define FLOAT(size, width)                                                                            \
  case FLOAT_LOAD << 4 | size: __asm__ volatile("fl" width " ft0, 0(%0)" ::"r"(address)); break;       \
  case FLOAT_STORE << 4 | size: __asm__ volatile("fs" width " ft0, 0(%0)" ::"r"(address) : "memory"); break;
#define ATOMIC(size, width)                                                                               \
  case AMO << 4 | size: __asm__ volatile("amoadd." width " t0, %1, 0(%0)" ::"r"(address), "r"(i) : "t0", "memory"); break; \
  case RESERVED << 4 | size:                                                                              \
    __asm__ volatile("lr." width " t0, 0(%0)\n sc." width " t0, %1, 0(%0)" ::"r"(address), "r"(i) : "t0", "memory"); break;

void run(void) {
  for (u32 round = 0; round < rounds; round++) {
    for (u32 i = 0; i < COUNT; i++) {
      u8 *address = page + places[i].offset;
      switch (places[i].kind << 4 | places[i].size) {
        PLAIN(1, u8) PLAIN(2, u16) PLAIN(4, u32) PLAIN(8, u64)
        FLOAT(4, "w") FLOAT(8, "d")
        ATOMIC(4, "w") ATOMIC(8, "d")
      }
    }
  }
  finished = 1;
  for (;;) __asm__("wfi");
}
