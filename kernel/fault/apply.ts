// Makes the changes of a repair in the machine.

import type { MachineControl } from '../../emulator/control.ts';
import type { Change } from './trial.ts';

/** An `address` is the access's own matter: it is left to the caller. */
export function applyChanges(
  machine: Pick<MachineControl, 'setCsr' | 'writePhysical'>,
  hart: number,
  changes: readonly Change[],
): void {
  for (const change of changes) {
    if (change.kind === 'csr') machine.setCsr(hart, change.csr, change.after);
    if (change.kind === 'table') machine.writePhysical(change.address, new Uint8Array(4096));
    if (change.kind !== 'pte') continue;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, change.after, true);
    machine.writePhysical(change.address, bytes.subarray(0, change.size));
  }
}
