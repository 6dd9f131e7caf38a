// pagewalk satp: one row for each retired instruction that writes satp.

import { hex64, paText, virt } from '../emulator/address.ts';
import type { CsrWriteEvent } from '../emulator/events.ts';
import { isIgnored, satpFields } from '../kernel/index.ts';
import { drive } from './drive.ts';
import { exitCodeOf } from './ending.ts';
import { type Guest, loadGuest } from './guest.ts';
import type { Verb } from './help.ts';
import { endOptions, help, launchOf, limitOf, machineOptions, oneOf } from './options.ts';
import { awaitPoint } from './point.ts';
import { Progress } from './progress.ts';
import { type Column, row } from './table.ts';

const SATP = 0x180;

const columns: readonly Column[] = [
  { title: '#', width: 4, right: true },
  { title: 'instret', width: 13, right: true },
  { title: 'hart', width: 4, right: true },
  { title: 'pc', width: 18 },
  { title: 'mode', width: 4 },
  { title: 'asid', width: 5, right: true },
  { title: 'root', width: 15 },
  { title: 'symbol', width: 0 },
];

export const satp: Verb = {
  name: 'satp',
  operands: ['KERNEL'],
  summary: 'Lists the instructions that write satp, until the guest ends, --until or --limit.',
  notes:
    'JSON: one object a line: index (from 1), instret (of that hart, before the instruction), hart, pc, symbol, written,\nbefore, after; mode, asid and root of after. A write that the hardware ignored has after = before.\nExit code: 0; the guest’s own when it powers off with another; 1 after a kernel panic or when the guest is stuck.',
  options: {
    ...machineOptions,
    ...endOptions,
    format: { value: 'FORMAT', text: 'table (default) or json' },
    help,
  },

  async run([kernel = ''], given) {
    const limit = limitOf(given);
    const format = oneOf('format', (given.format as string | undefined) ?? 'table', ['table', 'json'] as const);
    const guest = loadGuest(launchOf(kernel, given));
    const progress = new Progress();
    let index = 0;
    if (format === 'table')
      process.stdout.write(
        `${row(
          columns,
          columns.map(({ title }) => title),
        )}\n`,
      );
    guest.machine.listen(
      (event) => {
        if (event.kind !== 'csr-write' || event.csr !== SATP) return false;
        index += 1;
        const fields = fieldsOf(event, index, guest);
        progress.clear();
        process.stdout.write(`${format === 'json' ? JSON.stringify(fields) : tableRow(fields, event)}\n`);
        return false;
      },
      { kinds: ['csr-write'], csrs: [SATP] },
    );
    const until = given.until as string | undefined;
    const awaited = until === undefined ? undefined : awaitPoint({ kind: 'console', text: until }, guest);
    const end = await drive(guest, { limit, awaited, progress });
    return end.kind === 'limit' ? 0 : exitCodeOf(end);
  },
};

function fieldsOf(event: CsrWriteEvent, index: number, { machine, symbols }: Guest) {
  return {
    index,
    instret: Number(event.instret),
    hart: event.hart,
    pc: hex64(event.pc),
    symbol: symbols.nameOf(virt(event.pc)),
    ...satpFields(event, machine.xlen),
  };
}

function tableRow(fields: ReturnType<typeof fieldsOf>, event: CsrWriteEvent): string {
  const ignored = isIgnored(event) ? `  (${hex64(event.written)} ignored)` : '';
  const { index, instret, hart, pc, mode, asid, root, symbol } = fields;
  const shown = [index, instret, hart, pc, mode, asid, paText(BigInt(root) as never), `${symbol}${ignored}`];
  return row(columns, shown.map(String));
}
