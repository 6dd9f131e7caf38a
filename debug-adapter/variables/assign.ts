// Edits: a new value for a register, a CSR, a field of one, or memory.

import { hex, virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import { type CsrRow, isReadOnly } from '../../emulator/csr/row.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { floatBits } from '../expressions/float.ts';
import { evaluateText, type Location, load, type Scope, type Value } from '../expressions/index.ts';
import { fits, withField } from '../expressions/names.ts';
import { sizeOf } from '../expressions/value.ts';
import { announceMemory } from '../memory/shown.ts';
import { addressText, writeSpace } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';

type MemoryLocation = Extract<Location, { kind: 'memory' }>;

/** Gives `location` the value of the expression `text`; what it holds then. @throws UserError when it cannot be written. */
export function assign(session: SessionContext, scope: Scope, location: Location, text: string): Value {
  const float = location.kind === 'f' ? floatBits(text) : undefined;
  const wanted = float ?? evaluateText(text, scope).value.bits;
  write(session, scope.hart, location, wanted);
  const held = load(scope, location);
  if (held.bits !== wanted && (location.kind === 'csr' || location.kind === 'field')) {
    session.output(`${nameOf(location)} holds ${hex(held.bits)} now: of ${hex(wanted)} the machine takes only that.`);
  }
  session.edited();
  announceMemory(session);
  return held;
}

function write({ machine }: SessionContext, hart: HartView, location: Location, bits: bigint): void {
  switch (location.kind) {
    case 'x':
      if (location.index === 0) throw new UserError('x0 is always 0: write another register.');
      machine.setX(hart.id, location.index, bits);
      break;
    case 'f':
      machine.setF(hart.id, location.index, bits);
      break;
    case 'pc':
      if (bits & 1n) throw new UserError(`${hex(bits)} is odd: instructions begin at even addresses.`);
      machine.setPc(hart.id, virt(bits));
      break;
    case 'csr':
      writeCsr(machine, hart, location.row, bits);
      break;
    case 'field': {
      const { row, field } = location;
      const width = field.bits[0] - field.bits[1] + 1;
      if (bits >> BigInt(width)) throw tooWide(bits, `the ${width} bits of ${nameOf(location)}`);
      writeCsr(machine, hart, row, withField(hart.csr(row.number) ?? 0n, field, bits));
      break;
    }
    case 'memory':
      writeScalar(machine, hart, location, bits);
  }
}

function writeScalar(
  machine: MachineControl,
  hart: HartView,
  { space, address, type }: MemoryLocation,
  bits: bigint,
): void {
  if (!fits(bits, type)) throw tooWide(bits, type);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  const size = sizeOf(type);
  if (writeSpace(machine, hart, space, address, bytes.subarray(0, size)) === size) return;
  throw new UserError(`${addressText(space, address)} cannot be written: no memory is mapped there.`);
}

function writeCsr(machine: MachineControl, hart: HartView, row: CsrRow, bits: bigint): void {
  if (isReadOnly(row.number)) throw new UserError(`${row.name} is read-only: its number says so.`);
  if (machine.setCsr(hart.id, row.number, bits) === undefined) throw new UserError(`This machine has no ${row.name}.`);
}

function tooWide(bits: bigint, what: string): UserError {
  return new UserError(`${hex(bits)} does not fit into ${what}.`);
}

function nameOf(location: Extract<Location, { kind: 'csr' | 'field' }>): string {
  return location.kind === 'csr' ? location.row.name : `${location.row.name}.${location.field.name}`;
}
