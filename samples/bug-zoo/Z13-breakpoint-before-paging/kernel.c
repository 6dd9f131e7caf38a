// A kernel that is linked in the upper half and loaded at 0x80000000, for a breakpoint on start_kernel that is set at
// reset. The twin never calls it but looks at its code, through both addresses: a breakpoint must not be seen there.

#include "zoo.h"

#define EBREAK 0x00100073
#define C_EBREAK 0x9002

static TABLE pte_t root[512];

__attribute__((noinline)) void start_kernel(void) {
  say("start_kernel");
  power_off(0);
}

#ifdef REPAIRED
static void look_at_code(void) {
  volatile u32 *low = (volatile u32 *)start_kernel;
  volatile u32 *high = (volatile u32 *)((u64)start_kernel + KERNEL_OFFSET);
  power_off(*low == *high && *low != EBREAK && (*low & 0xffff) != C_EBREAK ? 0 : 1);
}
#endif

void supervisor_main(void) {
  map_image(root, 0);
  map_image(root, KERNEL_OFFSET);
  map_devices(root);
  csr_write(satp, satp_of(root));
#ifdef REPAIRED
  look_at_code();
#else
  void (*up)(void) = (void (*)(void))((u64)start_kernel + KERNEL_OFFSET);
  up();
#endif
}
