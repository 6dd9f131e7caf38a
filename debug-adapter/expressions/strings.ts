// C's strings: of an array of characters, or behind a pointer to some.

import { arrayOf, isCharacter } from '../../kernel/objects/c-types.ts';
import { strip } from '../../symbols/index.ts';
import { here, readSpace, type Space } from '../memory/space.ts';
import type { Scope } from './scope.ts';
import { loadedAt, objectBytes } from './storage.ts';
import { mistake } from './tokens.ts';
import type { Value } from './value.ts';

const LONGEST = 200;

/** The letters up to the first zero. @throws UserError where the value is no string or cannot be read. */
export function readText(scope: Scope, value: Value, at = 0): string {
  if (value.text !== undefined) return value.text;
  const bytes = textBytes(scope, value, 4096, at);
  if (!bytes) throw mistake(at, 'It is no string: neither an array of char nor a pointer to char');
  return letters(bytes.bytes);
}

/** `"init"`, with `…` where it goes on; undefined where the value is no string or cannot be read. */
export function quoted(scope: Scope, value: Value): string | undefined {
  try {
    const found = textBytes(scope, value, LONGEST + 1, 0);
    if (!found) return undefined;
    const end = found.bytes.indexOf(0);
    if (end < 0 && found.pointer && found.bytes.length <= LONGEST) return undefined;
    const shown = found.bytes.subarray(0, end < 0 ? LONGEST : Math.min(end, LONGEST));
    return `"${escaped(shown)}"${(end < 0 ? found.bytes.length : end) > LONGEST ? '…' : ''}`;
  } catch {
    return undefined;
  }
}

function textBytes(
  scope: Scope,
  { type, bits, location, space }: Value,
  most: number,
  at: number,
): { readonly bytes: Uint8Array; readonly pointer: boolean } | undefined {
  const bare = strip(type);
  if (bare.kind === 'array') {
    if (!isCharacter(bare.element) || (location?.kind !== 'memory' && location?.kind !== 'parts')) return undefined;
    const size = Math.min(bare.size ?? 0, most);
    const cut = arrayOf(bare.element, size);
    return size ? { bytes: objectBytes(scope, { ...location, type: cut }, at), pointer: false } : undefined;
  }
  if (bare.kind !== 'pointer' || !isCharacter(bare.target) || bits === 0n) return undefined;
  return { bytes: available(scope, space ?? here, bits, most), pointer: true };
}

/** As many bytes as there are. */
function available(scope: Scope, space: Space, address: bigint, most: number): Uint8Array {
  const bytes = readSpace(scope.machine, scope.hart, space, address, most);
  if (bytes.length > 0) return bytes;
  const loaded = loadedAt(scope, space, address);
  return loaded === undefined ? bytes : scope.machine.readPhysical(loaded, most);
}

function letters(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? undefined : end));
}

const named: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\', 0: '\\0' };

/** Printable as C would write it; UTF-8 stays as it is. */
export function escaped(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
  return Array.from(text, (letter) => {
    const code = letter.codePointAt(0) as number;
    if (named[code] !== undefined) return named[code];
    return code < 32 || code === 127 || code === 0xfffd
      ? `\\x${code === 0xfffd ? '??' : code.toString(16).padStart(2, '0')}`
      : letter;
  }).join('');
}

/** `97 'a'`, the letter of a character. */
export function characterText(code: number): string {
  const letter =
    named[code] ??
    (code >= 32 && code < 127
      ? code === 39
        ? "\\'"
        : String.fromCharCode(code)
      : `\\x${code.toString(16).padStart(2, '0')}`);
  return `'${letter}'`;
}
