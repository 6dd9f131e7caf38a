// Nobody has set `current`, and the scheduler looks into it.

#include "zoo.h"

struct task {
  u64 stack;
  u64 id;
};

static TABLE pte_t root[512];
static struct task idle = {0, 7};
static struct task *volatile current;

__attribute__((noinline)) static u64 current_id(void) {
  const volatile struct task *task = current;
  return task->id;
}

__attribute__((noinline)) static u64 schedule(void) { return current_id() + 1; }

void supervisor_main(void) {
  map_image(root, 0);
  map_devices(root);
  csr_write(satp, satp_of(root));
#ifdef REPAIRED
  current = &idle;
#else
  (void)idle;
#endif
  power_off(schedule() == 8 ? 0 : 1);
}
