// What a name in an expression means: an event variable, a register, a CSR or one of its fields, a symbol, a constant.

import { paText, virt } from '../../emulator/address.ts';
import type { CsrField, CsrRow } from '../../emulator/csr/row.ts';
import { csrNamed } from '../../emulator/csr/table.ts';
import { Privilege } from '../../emulator/inspection.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { addressText, readSpace, type Space } from '../memory/space.ts';
import { registerNamed } from './registers.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import { convert, isSigned, type Location, sizeOf, unsigned, type Value } from './value.ts';

/** satp.MODE by name and the privilege levels, so that `$mode == Sv39` and `$from == U` can be written. */
const constants: Readonly<Record<string, bigint>> = {
  ...{ Bare: 0n, Sv32: 1n, Sv39: 8n, Sv48: 9n, Sv57: 10n },
  ...{ U: BigInt(Privilege.U), S: BigInt(Privilege.S), M: BigInt(Privilege.M) },
  ...{ true: 1n, false: 0n },
};

/** `$name` is an event variable, a register or a CSR, never a symbol; `name` is a register, a CSR or a symbol, in this order. */
export function resolve(scope: Scope, name: string, at: number): Value {
  const bare = name.startsWith('$') ? name.slice(1) : name;
  const event = bare === name ? undefined : scope.events?.[bare];
  if (event !== undefined) return unsigned(event);

  const location = locationNamed(bare, scope.machine.xlen);
  if (location) return load(scope, location, at);
  if (bare !== name) throw mistake(at, `${name} is neither a register nor a CSR, nor a variable of this event`);

  const symbol = scope.symbols.valueOf(name);
  if (symbol !== undefined) return unsigned(symbol);
  const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
  if (constant !== undefined) return { bits: constant, type: 's64' };
  throw mistake(at, `No register, CSR or symbol is named ${name}`);
}

/** `&name`: the symbol, also where a register or CSR has the same name. */
export function symbolNamed(scope: Scope, name: string, at: number): Value {
  const symbol = scope.symbols.valueOf(name);
  if (symbol === undefined) throw mistake(at, `No symbol is named ${name}`);
  return unsigned(symbol);
}

export function locationNamed(name: string, xlen: 32 | 64): Location | undefined {
  const register = registerNamed(name);
  if (register) return register;
  const [csrName = '', fieldName, ...rest] = name.split('.');
  const row = csrNamed(csrName, xlen);
  if (!row || rest.length > 0) return undefined;
  if (fieldName === undefined) return { kind: 'csr', row };
  const field = row.fields.find((candidate) => fieldWord(candidate).toLowerCase() === fieldName.toLowerCase());
  return field && { kind: 'field', row, field };
}

/** A field's name as one word: `ExceptionCode`. */
export function fieldWord(field: CsrField): string {
  return field.name.replaceAll(' ', '');
}

/** The value that a location holds now. */
export function load(scope: Scope, location: Location, at = 0): Value {
  const { hart } = scope;
  switch (location.kind) {
    case 'x':
      return unsigned(hart.x(location.index), { location });
    case 'f':
      return unsigned(hart.f(location.index), { location });
    case 'pc':
      return unsigned(hart.pc, { location });
    case 'csr':
      return unsigned(csrValue(scope, location.row, at), { location });
    case 'field':
      return unsigned(fieldOf(csrValue(scope, location.row, at), location.field), { location });
    case 'memory': {
      const { space, address, type } = location;
      const size = sizeOf(type);
      const bytes = readSpace(scope.machine, hart, space, address, size);
      if (bytes.length < size) throw mistake(at, unmappedText(scope, space, address));
      return { bits: convert(littleEndian(bytes), type), type, location };
    }
  }
}

function unmappedText({ symbols }: Scope, space: Space, address: bigint): string {
  const loaded = space.kind === 'here' ? symbols.loadAddress(virt(address)) : undefined;
  const hint = loaded === undefined ? '' : `; before paging its bytes are at ${paText(loaded)}`;
  return `${addressText(space, address)} is not mapped to memory${hint}`;
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
export function fits(bits: bigint, type: Value['type']): boolean {
  const width = sizeOf(type) * 8;
  const number = BigInt.asIntN(64, bits);
  return BigInt.asIntN(width, number) === number || (!isSigned(type) && BigInt.asUintN(width, bits) === bits);
}
