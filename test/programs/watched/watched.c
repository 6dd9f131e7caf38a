// Loads and stores of every size at places that the host writes to `places`, so that it knows which of them touch what it
// watches.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum { COUNT = 400 };

volatile struct { u32 offset, size, store; } places[COUNT] = {{1, 1, 1}};
_Alignas(4096) u8 page[8192];
volatile u32 finished;

__attribute__((section(".text.start"), naked)) void _start(void) {
  __asm__("la sp, stack_top\n j run\n.pushsection .bss\n.align 4\n.space 4096\nstack_top:\n.popsection");
}

#define ACCESS(type)                      \
  {                                       \
    volatile type *at = (void *)address;  \
    if (store) *at = (type)i;             \
    else (void)*at;                       \
  }

void run(void) {
  for (u32 i = 0; i < COUNT; i++) {
    u8 *address = page + places[i].offset;
    u32 store = places[i].store;
    switch (places[i].size) {
      case 1: ACCESS(u8) break;
      case 2: ACCESS(u16) break;
      case 4: ACCESS(u32) break;
      default: ACCESS(u64) break;
    }
  }
  finished = 1;
  for (;;) __asm__("wfi");
}
