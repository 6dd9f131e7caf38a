// What the root of a unit says, by its bytes alone.

import { At } from './constants.ts';
import { Cursor } from './cursor.ts';
import { Form, readNumber, skipForm } from './forms.ts';
import type { Role } from './scan-role.ts';
import type { Unit } from './unit.ts';

export class UnitHead {
  readonly #unit: Unit;
  readonly #bytes: Uint8Array;
  readonly #root: Role;

  constructor(unit: Unit, bytes: Uint8Array, root: Role) {
    this.#unit = unit;
    this.#bytes = bytes;
    this.#root = root;
  }

  /** DW_AT_low_pc; 0 where it is no address. */
  get lowPc(): bigint {
    const [cursor, form] = this.#seek(At.lowPc);
    return form === Form.addr ? cursor.address(this.#unit.addressSize) : 0n;
  }

  /** DW_AT_language. */
  get language(): number | undefined {
    const [cursor, form, constant] = this.#seek(At.language);
    return form === undefined ? undefined : (constant ?? readNumber(cursor, form, this.#unit));
  }

  /** A cursor on the attribute's value, and its form; with what takes no bytes, the value. */
  #seek(attribute: number): [Cursor, number | undefined, number | undefined] {
    const { attributes, forms, constants } = this.#root.abbreviation;
    const cursor = new Cursor(this.#bytes, this.#unit.header.headerSize);
    cursor.offsetSize = this.#unit.offsetSize === 8 ? 8 : 4;
    const index = attributes.indexOf(attribute);
    if (index < 0) return [cursor, undefined, undefined];
    cursor.skipLeb();
    for (const form of forms.slice(0, index)) skipForm(cursor, form, this.#unit);
    return [cursor, forms[index], constants.get(index)];
  }
}

/** Whether a unit's names are in its entries or at plain offsets: those of the others are in tables or files of their own. */
export function hasPlainNames(root: Role, roles: readonly (Role | undefined)[]): boolean {
  const { attributes } = root.abbreviation;
  if (tables.some((attribute) => attributes.includes(attribute))) return false;
  return roles.every((role) => !role?.name || role.kind === 0 || plainForms.has(role.name.form));
}

const tables: readonly number[] = [At.strOffsetsBase, At.dwoName, At.gnuDwoName];
const plainForms: ReadonlySet<number> = new Set([Form.strp, Form.string]);
