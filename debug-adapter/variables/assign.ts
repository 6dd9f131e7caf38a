// Edits: a new value for a register, a CSR, a field of one, a variable, or memory.

import { hex, virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import { type CsrRow, isReadOnly } from '../../emulator/csr/row.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { u64 } from '../../kernel/objects/c-types.ts';
import { converted } from '../expressions/assignment.ts';
import { floatBits } from '../expressions/float.ts';
import { evaluateText, type Location, load, type Scope, type Value } from '../expressions/index.ts';
import { withField } from '../expressions/storage.ts';
import { warnOfPc } from '../memory/executable.ts';
import { announceMemory } from '../memory/shown.ts';
import type { SessionContext } from '../session-context.ts';
import { writeObject } from './write-object.ts';

/** Gives `location` the value of the expression `text`; what it holds then. @throws UserError when it cannot be written. */
export function assign(session: SessionContext, scope: Scope, location: Location, text: string): Value {
  const float = location.kind === 'f' ? floatBits(text) : undefined;
  const value = float === undefined ? evaluateText(text, scope).value : ({ bits: float, type: u64 } as Value);
  return store(session, scope, location, converted(location, value, scope, 0));
}

/** Gives `location` a value; what it holds then. */
export function store(session: SessionContext, scope: Scope, location: Location, value: Value): Value {
  write(session, scope, location, value);
  const held = load(scope, location);
  if (held.bits !== value.bits && (location.kind === 'csr' || location.kind === 'field')) {
    session.output(
      `${nameOf(location)} holds ${hex(held.bits)} now: of ${hex(value.bits)} the machine takes only that.`,
    );
  }
  session.edited();
  announceMemory(session);
  return held;
}

function write(session: SessionContext, scope: Scope, location: Location, value: Value): void {
  const { machine } = session;
  const { hart } = scope;
  const { bits } = value;
  switch (location.kind) {
    case 'x':
      setRegister(machine, scope, location.index, bits);
      break;
    case 'f':
      machine.setF(hart.id, location.index, bits);
      break;
    case 'pc':
      if (bits & 1n) throw new UserError(`${hex(bits)} is odd: instructions begin at even addresses.`);
      machine.setPc(hart.id, virt(extended(machine, bits)));
      warnOfPc(session, hart, virt(extended(machine, bits)));
      break;
    case 'csr':
      writeCsr(machine, hart, location.row, bits);
      break;
    case 'field': {
      const { row, field } = location;
      const width = field.bits[0] - field.bits[1] + 1;
      if (bits >> BigInt(width))
        throw new UserError(`${hex(bits)} does not fit into the ${width} bits of ${nameOf(location)}.`);
      writeCsr(machine, hart, row, withField(hart.csr(row.number) ?? 0n, field, bits));
      break;
    }
    default:
      writeObject(machine, scope, location, value);
  }
}

function setRegister(machine: MachineControl, scope: Scope, index: number, bits: bigint): void {
  if (index === 0) throw new UserError('x0 is always 0: write another register.');
  if (scope.editor) scope.editor.setRegister(index, bits);
  else machine.setX(scope.hart.id, index, extended(machine, bits));
}

/** As registers hold it: on RV32 sign-extended. */
function extended({ xlen }: MachineControl, bits: bigint): bigint {
  return BigInt.asUintN(64, BigInt.asIntN(xlen, bits));
}

function writeCsr(machine: MachineControl, hart: HartView, row: CsrRow, bits: bigint): void {
  if (isReadOnly(row.number)) throw new UserError(`${row.name} is read-only: its number says so.`);
  if (machine.setCsr(hart.id, row.number, bits) === undefined) throw new UserError(`This machine has no ${row.name}.`);
}

function nameOf(location: Extract<Location, { kind: 'csr' | 'field' }>): string {
  return location.kind === 'csr' ? location.row.name : `${location.row.name}.${location.field.name}`;
}
