// A compressed ebreak has been left in the code, in the last two bytes of a page, right behind a store.

#include "zoo.h"

static TABLE pte_t root[512];
volatile u64 witness;

/** Adds one to `*word`, by a store that is followed by the end of a page. */
void count(volatile u64 *word);

void supervisor_main(void) {
  map_image(root, 0);
  map_devices(root);
  csr_write(satp, satp_of(root));
  count(&witness);
  power_off(witness == 1 ? 0 : 1);
}
