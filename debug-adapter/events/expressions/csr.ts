// csr:NAME[.FIELD|&MASK][=VALUE][/change]

import { maskOf } from '../../../emulator/csr/fields.ts';
import type { CsrRow } from '../../../emulator/csr/row.ts';
import { csrNamed } from '../../../emulator/csr/table.ts';
import { UserError } from '../../../emulator/user-error.ts';
import type { EventNames, EventPoint } from '../expression.ts';
import type { Occurrence } from '../occurrence.ts';

const PATTERN = /^(\w+)(?:\.(\w+)|&(0x[0-9a-f_]+|\d+))?(?:=(0x[0-9a-f_]+|\d+))?(\/change)?$/i;

/** Which bits count, and which value they must have after the write. A part of a register counts only when it changes. */
export function csrEvent(text: string, { xlen }: EventNames): Omit<EventPoint, 'id'> {
  const [, name, field, mask, value, change] = PATTERN.exec(text.replaceAll(' ', '')) ?? [];
  if (!name)
    throw new UserError(
      `"csr:${text}" is not understood: write csr:NAME, csr:NAME.FIELD, csr:NAME&0xMASK, each with =VALUE or /change behind it.`,
    );
  const row = csrNamed(name.toLowerCase(), xlen);
  if (!row) throw new UserError(`No CSR is called "${name}".`);
  const part = field === undefined ? undefined : fieldOf(row, field);
  const bits = part ? part.mask : mask === undefined ? ~0n : BigInt(mask.replaceAll('_', ''));
  const shift = part ? BigInt(part.low) : 0n;
  const wanted = value === undefined ? undefined : BigInt(value.replaceAll('_', '')) << shift;
  const onlyChanges = change !== undefined || (value === undefined && (part !== undefined || mask !== undefined));
  const matches = (occurrence: Occurrence): boolean => {
    if (occurrence.kind !== 'csr-write' || occurrence.csr !== row.number) return false;
    const [before, after] = [occurrence.before & bits, occurrence.after & bits];
    return (!onlyChanges || before !== after) && (wanted === undefined || after === wanted);
  };
  return {
    label: `writes to ${text}`,
    variables: '$csr $old $new $written $mode $root $asid $ignored',
    needs: { kinds: ['csr-write'], csrs: [row.number] },
    matches,
    usually: () => true,
  };
}

function fieldOf(row: CsrRow, name: string): { readonly mask: bigint; readonly low: number } {
  const field = row.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (!field)
    throw new UserError(`${row.name} has no field "${name}": it has ${row.fields.map((one) => one.name).join(', ')}.`);
  return { mask: maskOf(field), low: field.bits[1] };
}
