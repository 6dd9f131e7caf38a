// Reading what a location holds, and bytes of memory as an expression sees them.

import { type PhysAddr, paText, virt } from '../../emulator/address.ts';
import type { CsrField, CsrRow } from '../../emulator/csr/row.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { integerShape, isBoolean, isFloat, wordOf } from '../../kernel/objects/c-types.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { addressText, physical, readSpace, type Space } from '../memory/space.ts';
import { wrapped } from './operators.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import {
  type BitField,
  convert,
  type Location,
  type MemoryLocation,
  type PartsLocation,
  unsigned,
  type Value,
} from './value.ts';

/** The value that a location holds now; of a struct or array only what and where it is. */
export function load(scope: Scope, location: Location, at = 0): Value {
  const { hart } = scope;
  switch (location.kind) {
    case 'x':
      return register(scope, registerBits(scope, location.index, at), location);
    case 'f':
      return unsigned(hart.f(location.index), { location });
    case 'pc':
      return register(scope, hart.pc, location);
    case 'csr':
      return register(scope, csrValue(scope, location.row, at), location);
    case 'field':
      return unsigned(fieldOf(csrValue(scope, location.row, at), location.field), { location });
    case 'memory':
    case 'parts':
      return loadObject(scope, location, at);
  }
}

function register({ machine }: Scope, bits: bigint, location: Location): Value {
  return { bits: BigInt.asUintN(machine.xlen, bits), type: wordOf(machine.xlen), location };
}

/** Of the selected frame where it is not the innermost. */
function registerBits({ hart, program }: Scope, index: number, at: number): bigint {
  if (!program) return hart.x(index);
  const bits = program.register(index);
  if (bits === undefined) throw mistake(at, `x${index} was not saved by the frames below: its value here is not known`);
  return bits;
}

function loadObject(scope: Scope, location: MemoryLocation | PartsLocation, at: number): Value {
  const { type, bits } = location;
  const bare = strip(type);
  if (bare.kind === 'function' && location.kind === 'memory') return { bits: location.address, type, location };
  const size = bare.size;
  const scalar = integerShape(type) ?? wrapped(type) ?? isFloat(type);
  if (!scalar || size === undefined || size > 8) {
    if (location.kind === 'parts') checkPresent(location, at);
    return { bits: 0n, type, location };
  }
  const raw = littleEndian(objectBytes(scope, location, at));
  const cut = bits ? bitsOf(raw, bits, integerShape(type)?.signed ?? false) : raw;
  const space = spaceOfPointers(location);
  // A _Bool may hold more than 0 and 1 where nothing has been written to it yet.
  return {
    bits: isBoolean(type) ? cut : convert(cut, type),
    type,
    location,
    ...(space && bare.kind === 'pointer' && { space }),
  };
}

/** A pointer found under a root leads to memory under that root. */
function spaceOfPointers(location: MemoryLocation | PartsLocation): Space | undefined {
  return location.kind === 'memory' && location.space.kind === 'root' ? location.space : undefined;
}

/** The bytes of an object; of a bit-field those that hold it. @throws UserError where one of them is not there. */
export function objectBytes(scope: Scope, location: MemoryLocation | PartsLocation, at = 0): Uint8Array {
  const size = sizeOf(location);
  if (location.kind === 'memory') return memoryBytes(scope, location.space, location.address, size, at);
  checkPresent(location, at);
  const bytes = location.parts.read(location.offset, size);
  if (!bytes) throw mistake(at, `A part of this ${typeText(location.type)} is optimized out`);
  return bytes;
}

/** Why nothing of an object is known; undefined where something is. */
export function missingOf(location: MemoryLocation | PartsLocation): string | undefined {
  return location.kind === 'parts' ? location.parts.missingAt(location.offset, sizeOf(location)) : undefined;
}

function sizeOf({ type, bits }: MemoryLocation | PartsLocation): number {
  return bits ? Math.ceil((bits.shift + bits.size) / 8) : (strip(type).size ?? 0);
}

function checkPresent(location: PartsLocation, at: number): void {
  const missing = missingOf(location);
  if (missing !== undefined) throw mistake(at, `It has no value here: ${missing}`);
}

function bitsOf(raw: bigint, { shift, size }: BitField, signed: boolean): bigint {
  const cut = BigInt.asUintN(size, raw >> BigInt(shift));
  return BigInt.asUintN(64, signed ? BigInt.asIntN(size, cut) : cut);
}

/** Memory as the debugger sees it. A link address that is not mapped yet is read where its byte has been loaded. */
export function memoryBytes(scope: Scope, space: Space, address: bigint, size: number, at = 0): Uint8Array {
  const { machine, hart } = scope;
  const bytes = readSpace(machine, hart, space, address, size);
  if (bytes.length === size) return bytes;
  const loaded = loadedAt(scope, space, address);
  if (loaded !== undefined) {
    const there = machine.readPhysical(loaded, size);
    if (there.length === size) return there;
  }
  throw mistake(at, `${addressText(space, address)} is not mapped to memory`);
}

/** Where the byte with this link address is, for as long as it is not mapped. */
export function loadedAt({ symbols }: Scope, space: Space, address: bigint): PhysAddr | undefined {
  return space.kind === 'here' ? symbols.loadAddress(virt(address)) : undefined;
}

/** Whether an address cannot be reached now but as the place where it has been loaded; and that place as a space. */
export function reachable(
  scope: Scope,
  space: Space,
  address: bigint,
): { readonly space: Space; readonly address: bigint } {
  const { machine, hart } = scope;
  if (readSpace(machine, hart, space, address, 1).length === 1) return { space, address };
  const loaded = loadedAt(scope, space, address);
  return loaded === undefined ? { space, address } : { space: physical, address: loaded };
}

export function fieldOf(value: bigint, field: CsrField): bigint {
  const [high, low] = field.bits;
  return BigInt.asUintN(high - low + 1, value >> BigInt(low));
}

/** `value` with the field's bits replaced. */
export function withField(value: bigint, field: CsrField, bits: bigint): bigint {
  const [high, low] = field.bits;
  const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  return (value & ~mask) | ((bits << BigInt(low)) & mask);
}

function csrValue(scope: Scope, row: CsrRow, at: number): bigint {
  const value = scope.hart.csr(row.number);
  if (value === undefined) throw mistake(at, `This machine has no ${row.name}`);
  return value;
}

/** Whether `bits` can be held by the type without loss, as a signed or an unsigned number. */
export function fits(bits: bigint, type: Type, field?: BitField): boolean {
  const shape = integerShape(type);
  if (!shape) return true;
  const width = field?.size ?? Math.min(shape.size * 8, 64);
  const number = BigInt.asIntN(64, bits);
  return (
    BigInt.asIntN(width, number) === number || (BigInt.asUintN(width, bits) === bits && (!shape.signed || width < 64))
  );
}

/** The message for an address that nothing is mapped at before paging. */
export function loadHint(scope: Scope, space: Space, address: bigint): string {
  const loaded = loadedAt(scope, space, address);
  return loaded === undefined ? '' : `; before paging its bytes are at ${paText(loaded)}`;
}
