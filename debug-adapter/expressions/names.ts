// What a name in an expression means: an event variable, a variable of the program, a register, a CSR or one of its
// fields, a symbol, a constant.

import type { CsrField } from '../../emulator/csr/row.ts';
import { csrNamed } from '../../emulator/csr/table.ts';
import { Privilege } from '../../emulator/inspection.ts';
import { s64 } from '../../kernel/objects/c-types.ts';
import { strip } from '../../symbols/index.ts';
import { here } from '../memory/space.ts';
import { partsOf } from './parts.ts';
import { registerNamed } from './registers.ts';
import type { Scope, Seen } from './scope.ts';
import { mistake } from './tokens.ts';
import { type Location, type MemoryLocation, type PartsLocation, part, unsigned, type Value } from './value.ts';

/** satp.MODE by name and the privilege levels, so that `$mode == Sv39` and `$from == U` can be written. */
const constants: Readonly<Record<string, bigint>> = {
  ...{ Bare: 0n, Sv32: 1n, Sv39: 8n, Sv48: 9n, Sv57: 10n },
  ...{ U: BigInt(Privilege.U), S: BigInt(Privilege.S), M: BigInt(Privilege.M) },
  ...{ true: 1n, false: 0n },
};

/** What a name stands for: a place whose value is not read yet, or a value. */
export type Named = { readonly location: Location } | { readonly value: Value };

/** `$name` is an event variable, a register or a CSR; `name` is, in this order, a local variable, a register, a CSR, a
 * global, an enumerator, a symbol, a constant. */
export function resolve(scope: Scope, name: string, at: number): Named {
  const found = lookUp(scope, name);
  if (found) return found;
  if (name.startsWith('$')) throw mistake(at, `${name} is neither a register nor a CSR, nor a variable of this event`);
  const variable = scope.program ? 'variable, register' : 'register';
  throw mistake(at, `No ${variable}, CSR or symbol is named ${name}`);
}

export function lookUp(scope: Scope, name: string): Named | undefined {
  const { program, events, machine } = scope;
  if (name.startsWith('$')) {
    const bare = name.slice(1);
    const event = events?.[bare];
    if (event !== undefined) return { value: unsigned(event) };
    const location = locationNamed(bare, machine.xlen);
    return location ? { location } : undefined;
  }
  const local = program?.local(name);
  if (local) return { location: locationOf(scope, local) };
  const location = locationNamed(name, machine.xlen);
  if (location) return { location };
  return ofProgram(scope, name);
}

function ofProgram(scope: Scope, name: string): Named | undefined {
  const { program } = scope;
  const meant = scope.kernel?.value(name, scope);
  if (meant) return { value: meant };
  const global = program?.global(name);
  if (global) return { location: locationOf(scope, global) };
  const constant = program?.enumerator(name);
  if (constant) return { value: { bits: BigInt.asUintN(64, constant.value), type: constant.type } };
  const symbol = symbolValue(scope, name);
  if (symbol) return symbol;
  return Object.hasOwn(constants, name) ? { value: { bits: constants[name] as bigint, type: s64 } } : undefined;
}

/** A function with its type, or the link address of another symbol. */
function symbolValue(scope: Scope, name: string): Named | undefined {
  const address = scope.symbols.valueOf(name);
  if (address === undefined) return undefined;
  const type = scope.program?.functionType(name);
  return type ? { location: { kind: 'memory', space: here, address, type } } : { value: unsigned(address) };
}

/** Where a variable is. */
export function locationOf(scope: Scope, { variable, located }: Seen): MemoryLocation | PartsLocation {
  const { program, machine } = scope;
  const { type } = variable;
  if (located.kind === 'memory') {
    return { kind: 'memory', space: here, address: BigInt.asUintN(machine.xlen, located.address), type };
  }
  const reader = program ?? { register: () => undefined, memory: () => undefined };
  const object: PartsLocation = { kind: 'parts', parts: partsOf(located, reader, machine.xlen), offset: 0, type };
  const target = located.kind === 'implicit-pointer' ? located.target : undefined;
  const bare = strip(type);
  if (located.kind !== 'implicit-pointer' || !target || !program?.seen || bare.kind !== 'pointer') return object;
  const { seen } = program;
  const pointee = () => part(locationOf(scope, seen.call(program, target)), bare.target, located.offset);
  return { ...object, pointee };
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
