// MMU Events: each retired satp-writing instruction and what else was asked for, the latest first.

import type { EventRow, OtherEventRow, SatpEventRow } from '../../../debug-adapter/protocol/requests.ts';
import { code, factTable, type Row } from '../row.ts';
import { countText, short } from '../text.ts';

export function eventRow(event: EventRow): Row<never> {
  return event.kind === 'satp' ? satpRow(event) : otherRow(event);
}

function otherRow(event: OtherEventRow): Row<never> {
  return {
    id: `event-${event.index}`,
    label: event.text,
    description: `#${event.index} · ${event.symbol || short(event.pc)} · hart ${event.hart}`,
    tooltip: factTable([
      ['Event', `#${event.index} ${code(event.event)}, hart ${event.hart}: ${event.text}`],
      ['Instruction', `${code(short(event.pc))} ${event.symbol}`],
      ['Retired before', `${countText(event.instret)} instructions`],
      ['PTE', event.pteAddress && code(`pa:${short(event.pteAddress)}`)],
    ]),
    icon: 'pulse',
    code: codeReference(event.pc, event.satp),
    virtual: short(event.va ?? event.pc),
    ...(event.pteAddress && { physical: short(event.pteAddress), memory: `pa:${short(event.pteAddress)}` }),
    click: 'code',
  };
}

function satpRow(event: SatpEventRow): Row<never> {
  const place = event.symbol || short(event.pc);
  return {
    id: `event-${event.index}`,
    // What it was before is the row below.
    label: event.text.replace(/ \(was .*\)$/, ''),
    description: `#${event.index} · ${place} · hart ${event.hart}`,
    tooltip: factTable([
      ['Event', `#${event.index}, hart ${event.hart}: ${event.text}`],
      ['Instruction', `${code(short(event.pc))} ${event.symbol}`],
      ['Retired before', `${countText(event.instret)} instructions`],
      ['Written', code(event.written)],
      ['satp before', code(event.before)],
      ['satp after', code(event.after)],
      ['Reads as', `${event.mode}, ASID ${event.asid}, root ${code(`pa:${short(event.root)}`)}`],
      ['', event.ignored ? 'The mode is not supported, so the whole write had no effect.' : undefined],
    ]),
    icon: event.ignored ? 'circle-slash' : event.mode === 'Bare' ? 'debug-disconnect' : 'arrow-swap',
    code: codeReference(event.pc, event.before),
    value: event.after,
    virtual: short(event.pc),
    physical: short(event.root),
    ...(event.mode !== 'Bare' && { memory: `pa:${short(event.root)}` }),
    click: 'code',
  };
}

/** Where the instruction is, by the satp that it was fetched under. */
function codeReference(pc: string, under: string): string {
  const satp = BigInt(under);
  const mode = { 8: 'sv39', 9: 'sv48', 10: 'sv57' }[Number(satp >> 60n)] ?? (satp >> 31n === 1n ? 'sv32' : undefined);
  if (!mode) return `pa:${short(pc)}`;
  const root = (satp & (mode === 'sv32' ? 0x3f_ffffn : 0xfff_ffff_ffffn)) << 12n;
  return `va:${short(pc)}@0x${root.toString(16)}:${mode}`;
}
