// Memory as text for the console.

import { hex64, plus, virt } from '../../emulator/address.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import type { Value } from '../expressions/index.ts';
import { disassembleAt } from '../memory/disassemble.ts';
import { addressText, fetched, here, readSpace, type Space } from '../memory/space.ts';
import type { View } from './row.ts';

const ROW = 16;
const MOST_BYTES = 65536;
const unitSizes: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, g: 8 };

/** Bytes in rows of 16, with their letters. */
export function memoryText(view: View, { bits, space = here }: Value, length: number): string {
  return rows(view, space, bits, length, (bytes) => {
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = Array.from(bytes, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    return `${digits.padEnd(ROW * 3)} ${letters}`;
  });
}

/** `x/COUNT`: numbers of one size, or instructions. */
export function examine(view: View, { bits, space = here }: Value, count: number, unit: string): string {
  const size = unitSizes[unit];
  if (size === undefined) {
    const place = space.kind === 'here' ? fetched : space;
    const lines = disassembleAt(view.session, view.scope.hart, place, virt(bits), 0, count);
    return lines
      .map(({ address, symbol, instruction }) => `${symbol ? `${symbol}:\n` : ''}  ${address}  ${instruction}`)
      .join('\n');
  }
  return rows(view, space, bits, count * size, (bytes) => {
    const numbers: string[] = [];
    for (let at = 0; at + size <= bytes.length; at += size) {
      numbers.push(
        `0x${littleEndian(bytes.subarray(at, at + size))
          .toString(16)
          .padStart(size * 2, '0')}`,
      );
    }
    return numbers.join(' ');
  });
}

function rows(
  { scope }: View,
  space: Space,
  start: bigint,
  length: number,
  text: (bytes: Uint8Array) => string,
): string {
  const wanted = Math.min(length, MOST_BYTES);
  const bytes = readSpace(scope.machine, scope.hart, space, start, wanted);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    lines.push(`${hex64(plus(virt(start), at))}  ${text(bytes.subarray(at, at + ROW))}`);
  }
  const next = addressText(space, plus(virt(start), bytes.length));
  if (bytes.length < wanted) lines.push(`${next} is not mapped to memory`);
  else if (wanted < length) lines.push(`… at most ${MOST_BYTES} bytes at a time; go on at ${next}`);
  return lines.join('\n');
}
