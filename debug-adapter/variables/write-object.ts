// Writing objects of the program: whole ones, bit-fields, those that lie in registers or pieces.

import { hex, phys } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { UserError } from '../../emulator/user-error.ts';
import { integerShape, isCharacter, isFloat } from '../../kernel/objects/c-types.ts';
import { strip, typeText } from '../../symbols/index.ts';
import type { Scope } from '../expressions/index.ts';
import { wrapped } from '../expressions/operators.ts';
import { bytesOf } from '../expressions/parts.ts';
import { fits, loadedAt, missingOf, objectBytes } from '../expressions/storage.ts';
import type { MemoryLocation, PartsLocation, Value } from '../expressions/value.ts';
import { addressText, type Space, writeSpace } from '../memory/space.ts';

type ObjectLocation = MemoryLocation | PartsLocation;

export function writeObject(machine: MachineControl, scope: Scope, location: ObjectLocation, value: Value): void {
  writeBytes(machine, scope, location, bytesFor(scope, location, value));
}

function bytesFor(scope: Scope, location: ObjectLocation, value: Value): Uint8Array {
  const { type, bits: field } = location;
  const size = strip(type).size ?? 0;
  if (value.text !== undefined) return textBytes(location, value.text, size);
  const scalar = integerShape(type) ? type : wrapped(type);
  if (isFloat(type)) return bytesOf(value.bits, size);
  if (!scalar || size > 8) return copied(scope, location, value, size);
  const { bits } = value;
  if (!fits(bits, scalar, field)) {
    throw new UserError(
      `${hex(bits)} does not fit into ${field ? `the ${field.size} bits of the field` : typeText(type)}.`,
    );
  }
  if (!field) return bytesOf(bits, size);
  const held = objectBytes(scope, location);
  const mask = ((1n << BigInt(field.size)) - 1n) << BigInt(field.shift);
  return bytesOf((littleEndian(held) & ~mask) | ((bits << BigInt(field.shift)) & mask), held.length);
}

/** A string with its zero into an array of characters. */
function textBytes({ type }: ObjectLocation, text: string, size: number): Uint8Array {
  const bare = strip(type);
  if (bare.kind !== 'array' || !isCharacter(bare.element)) {
    throw new UserError(`A string fits into an array of char, not into ${typeText(type)}.`);
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length >= size)
    throw new UserError(`${typeText(type)} has no room for ${bytes.length} letters and a zero.`);
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

/** A struct or array from another one of its size. */
function copied(scope: Scope, { type }: ObjectLocation, { location, type: from }: Value, size: number): Uint8Array {
  const object = location?.kind === 'memory' || location?.kind === 'parts';
  if (!object || strip(from).size !== size) {
    throw new UserError(`A whole ${typeText(type)} cannot be written: write its members, or assign another one.`);
  }
  return objectBytes(scope, location);
}

function writeBytes(machine: MachineControl, scope: Scope, location: ObjectLocation, bytes: Uint8Array): void {
  if (location.kind === 'memory') {
    writeMemory(machine, scope, location.space, location.address, bytes);
    return;
  }
  const { parts, offset } = location;
  const editor = scope.editor;
  const missing = missingOf(location);
  if (missing !== undefined) throw new UserError(`It cannot be written: ${missing}.`);
  if (!editor || !parts.write(offset, bytes, editor)) {
    throw new UserError('It cannot be written: the compiler keeps it nowhere that can be changed.');
  }
}

/** A link address that is not mapped yet is written where its byte has been loaded. */
export function writeMemory(
  machine: MachineControl,
  scope: Scope,
  space: Space,
  address: bigint,
  bytes: Uint8Array,
): void {
  if (writeSpace(machine, scope.hart, space, address, bytes) === bytes.length) return;
  const loaded = loadedAt(scope, space, address);
  if (loaded !== undefined && machine.writePhysical(phys(loaded), bytes) === bytes.length) return;
  throw new UserError(`${addressText(space, address)} cannot be written: no memory is mapped there.`);
}
