// The CSRs view: every register that the machine has, by group and by field.

import { hex, hex64 } from '../../emulator/address.ts';
import type { CsrRow } from '../../emulator/csr/row.ts';
import { type FieldValue, readFields, summaryOf } from '../../emulator/csr/summary.ts';
import { csrs } from '../../emulator/csr/table.ts';
import { markChanges } from '../changes.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { groupOf } from '../variables/index.ts';
import { hartMeant } from './hart-meant.ts';

export function pagewalkCsrs(
  session: SessionContext,
  { hart: id }: ArgumentsOf<'pagewalk/csrs'>,
): BodyOf<'pagewalk/csrs'> {
  const { machine, stop } = session;
  const hart = hartMeant(session, id);
  const rows = csrs.flatMap((row) => {
    const value = (row.xlen ?? machine.xlen) === machine.xlen ? hart.csr(row.number) : undefined;
    return value === undefined ? [] : [{ row, value }];
  });
  const marked = markChanges(
    session,
    `csrs ${hart.id}`,
    rows.map(({ row, value }) => ({ ...describe(row, value), id: row.name })),
  );
  return {
    stop,
    csrs: marked.map(({ id: _, fields, ...csr }) => ({ ...csr, fields: markFields(session, hart.id, csr, fields) })),
  };
}

function describe(row: CsrRow, value: bigint) {
  return {
    name: row.name,
    number: row.number,
    value: hex64(value),
    summary: summaryOf(row, value),
    group: groupOf(row),
    meaning: row.text,
    fields: [...readFields(row, value)].reverse().map(describeField),
  };
}

function describeField({ field, value, name }: FieldValue) {
  const [high, low] = field.bits;
  return {
    id: field.name,
    name: field.name,
    bits: high === low ? `${low}` : `${high}:${low}`,
    value: hex64(value),
    text: name ?? (high === low ? `${value}` : hex(value)),
    meaning: field.text,
  };
}

function markFields(
  session: SessionContext,
  hart: number,
  { name }: { readonly name: string },
  fields: readonly ReturnType<typeof describeField>[],
) {
  return markChanges(session, `csr ${hart} ${name}`, fields).map(({ id: _, ...field }) => field);
}
