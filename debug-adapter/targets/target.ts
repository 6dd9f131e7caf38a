// What is debugged, behind one interface. Today that is the machine in this process.

import type { PhysAddr } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { ByteSource } from '../../emulator/loader/index.ts';

export interface Target {
  readonly machine: MachineControl;
  /** The kernel's file, unpacked. */
  readonly program: ByteSource;
  /** The kernel's image as it has been loaded: first byte, and first byte behind. */
  readonly kernel: { readonly start: PhysAddr; readonly end: PhysAddr };
}
