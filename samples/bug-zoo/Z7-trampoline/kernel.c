// Into the upper half as Linux goes: the fetch behind the satp write faults on purpose, and stvec holds the link address
// at which to go on.

#include "zoo.h"

static TABLE pte_t root[512];

/** Puts `satp` in force and returns in the upper half. */
void relocate(u64 satp);

void supervisor_main(void) {
  map_image(root, KERNEL_OFFSET);
  map_devices(root);
  relocate(satp_of(root));
  say("In the upper half.");
  power_off(0);
}
