// Values of satp, and writes to it, in one line.

import { hex, hex64, paText } from '../emulator/address.ts';
import { decodeSatp } from '../emulator/mmu/modes.ts';
import { isIgnored, type SatpWrite } from './roots.ts';

/** `Bare`, or `Sv39, root pa:0x80210000, ASID 0`; a MODE that no paging mode has: `MODE 3`. */
export function satpText(value: bigint, xlen: 32 | 64): string {
  const { mode, root, asid } = decodeSatp(value, xlen);
  return mode ? `${mode.name}, root ${paText(root)}, ASID ${asid}` : modeText(value, xlen);
}

/**
 * `satp ← Sv39, root pa:0x80210000, ASID 0 (was Bare)`; of a write that the hardware did not take:
 * `satp ← Sv57 ignored: mode not supported (still Bare)`.
 */
export function describeSatp(write: SatpWrite, xlen: 32 | 64): string {
  const { written, before, after } = write;
  if (isIgnored(write)) {
    const supported = modeText(written, xlen) === modeText(before, xlen);
    const why = supported ? `value ${hex(written)} not taken` : 'mode not supported';
    return `satp ← ${modeText(written, xlen)} ignored: ${why} (still ${modeText(before, xlen)})`;
  }
  const was = after === before ? 'unchanged' : `was ${satpText(before, xlen)}`;
  return `satp ← ${satpText(after, xlen)} (${was})`;
}

/** A write as programs read it: the values, and the parts of the value after it. */
export function satpFields({ written, before, after }: SatpWrite, xlen: 32 | 64) {
  const { mode, asid, root } = decodeSatp(after, xlen);
  return {
    written: hex64(written),
    before: hex64(before),
    after: hex64(after),
    mode: mode?.name ?? 'Bare',
    asid,
    root: hex64(root),
  };
}

function modeText(value: bigint, xlen: 32 | 64): string {
  const { mode } = decodeSatp(value, xlen);
  if (mode) return mode.name;
  const code = xlen === 64 ? (value >> 60n) & 15n : 0n;
  return code === 0n ? 'Bare' : `MODE ${code}`;
}
