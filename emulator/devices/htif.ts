// HTIF, the host-target interface of bare-metal test programs: a word called `tohost` in RAM, watched by the machine.
// A word is device << 56 | command << 48 | payload (riscv-isa-sim, "HTIF").

/** What a store to `tohost` asks of the host. */
export type HtifRequest =
  /** The program is done; `text` says for stderr which test failed. */
  | { readonly kind: 'end'; readonly code: 0 | 1; readonly text?: string }
  /** A byte for the console. The host then stores 0 to `tohost`, and `fromhost` as the answer. */
  | { readonly kind: 'print'; readonly byte: number; readonly fromhost: bigint }
  /** Nothing that is served here. */
  | { readonly kind: 'none' };

const consoleDevice = 1n;
const putchar = 1n;

/** Reads the 64 bits that `tohost` now holds. */
export function htifRequest(tohost: bigint): HtifRequest {
  const device = tohost >> 56n;
  const command = (tohost >> 48n) & 0xffn;
  const payload = tohost & 0xffff_ffff_ffffn;
  if (device === consoleDevice && command === putchar) {
    return { kind: 'print', byte: Number(payload & 0xffn), fromhost: (device << 56n) | (command << 48n) };
  }
  if (device !== 0n || command !== 0n || (payload & 1n) === 0n) return { kind: 'none' };
  if (payload === 1n) return { kind: 'end', code: 0 };
  return { kind: 'end', code: 1, text: `test ${payload >> 1n} failed (tohost = ${payload})` };
}
