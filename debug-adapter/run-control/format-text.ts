// The text that a guest is about to print: a C string, or a format string with its arguments in registers.

import { hex } from '../../emulator/address.ts';
import type { MachineFrame } from '../stack/frame.ts';

const LONGEST = 512;
/** a7 is the last register that holds an argument; what follows is on the stack. */
const LAST = 17;
const SP = 2;

/** The C string at `address`; undefined where nothing can be read. */
export function readText(frame: MachineFrame, address: bigint | undefined): string | undefined {
  if (address === undefined) return undefined;
  const bytes: number[] = [];
  while (bytes.length < LONGEST) {
    const byte = frame.read(address + BigInt(bytes.length), 1)?.[0];
    if (byte === undefined && bytes.length === 0) return undefined;
    if (!byte) break;
    bytes.push(byte);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** printf's text: the format is in the register `first`, its arguments in those behind it. `word` is their size in bytes. */
export function formatText(frame: MachineFrame, first: number, word: number): string | undefined {
  const format = readText(frame, frame.register(first));
  let taken = 0;
  const next = () => {
    taken += 1;
    const register = first + taken;
    if (register <= LAST) return frame.register(register);
    const bytes = frame.read((frame.register(SP) ?? 0n) + BigInt((register - LAST - 1) * word), word);
    return bytes?.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  };
  return format?.replace(
    conversion,
    (whole, flags: string, width: string, precision: string, size: string, kind: string) => {
      if (kind === '%') return '%';
      const columns = width === '*' ? Number(next() ?? 0n) : Number(width || 0);
      const limit = precision === '.*' ? Number(next() ?? 0n) : precision ? Number(precision.slice(1)) : undefined;
      const value = next();
      if (value === undefined) return whole;
      const bits = size.startsWith('h') ? (size === 'hh' ? 8 : 16) : size === '' || word === 4 ? 32 : 64;
      const text = textOf(frame, kind, value, bits, limit);
      if (text === undefined) return whole;
      const shown = flags.includes('#') && kind === 'x' ? `0x${text}` : text;
      return flags.includes('-') ? shown.padEnd(columns) : shown.padStart(columns, flags.includes('0') ? '0' : ' ');
    },
  );
}

const conversion = /%([-+ #0]*)(\d+|\*|)(\.\d+|\.\*|)(hh|h|ll|l|z|t|j|)([diouxXcsp%])/g;

function textOf(
  frame: MachineFrame,
  kind: string,
  value: bigint,
  bits: number,
  limit: number | undefined,
): string | undefined {
  const unsigned = BigInt.asUintN(bits, value);
  switch (kind) {
    case 'd':
    case 'i':
      return BigInt.asIntN(bits, value).toString();
    case 'u':
      return unsigned.toString();
    case 'o':
      return unsigned.toString(8);
    case 'x':
      return unsigned.toString(16);
    case 'X':
      return unsigned.toString(16).toUpperCase();
    case 'c':
      return String.fromCharCode(Number(value & 0xffn));
    case 's':
      return readText(frame, value)?.slice(0, limit);
    case 'p':
      return hex(value);
    default:
      return undefined;
  }
}
