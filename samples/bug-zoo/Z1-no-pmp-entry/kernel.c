// S-mode is entered before any PMP entry allows it to touch memory: its first fetch is denied.

#include "zoo.h"

void machine_main(void) {
#ifdef REPAIRED
  open_pmp();
#endif
  enter_supervisor(supervisor_main);
}

void supervisor_main(void) {
  say("S-mode.");
  power_off(0);
}
