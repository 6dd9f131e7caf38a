// What is debugged, behind one interface. Today that is the machine in this process.

import type { PhysAddr } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';

export interface Target {
  readonly machine: MachineControl;
  /** Where the kernel has been loaded. */
  readonly kernel: { readonly start: PhysAddr; readonly end: PhysAddr };
  /** Load address minus link address of the program, where it has link addresses of its own (an ELF). */
  readonly slide: bigint | undefined;
  /** Back to the state right after loading, from the same bytes. */
  reset(): void;
}
