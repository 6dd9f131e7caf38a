// What map and walk share: a guest brought to a point of its run, and the hart to look from.

import type { HartView } from '../emulator/inspection.ts';
import { parsePoint, pointHelp } from '../kernel/index.ts';
import { drive } from './drive.ts';
import { exitCodeOf } from './ending.ts';
import { type Guest, hartOf, loadGuest } from './guest.ts';
import { type Given, help, launchOf, limitOf, machineOptions, type Option, oneOf } from './options.ts';
import { awaitPoint, missed } from './point.ts';
import { Progress } from './progress.ts';

export const pointOptions = {
  at: { value: 'POINT', text: `where to look: ${pointHelp} (default end)` },
  hart: { value: 'N', text: 'whose satp counts (default 0)' },
  format: { value: 'FORMAT', text: "table (default), json, or ptdump: the columns of Linux's kernel_page_tables" },
} as const satisfies Record<string, Option>;

export const lookOptions = {
  ...machineOptions,
  limit: { value: 'N', text: 'give up after N instructions of all harts together' },
  ...pointOptions,
  help,
} as const;

export type Format = 'table' | 'json' | 'ptdump';

export const formatOf = (given: Given): Format =>
  oneOf('format', (given.format as string | undefined) ?? 'table', ['table', 'json', 'ptdump'] as const);

/** Runs KERNEL to `--at`. A UserError when it never gets there. */
export async function guestAt(kernel: string, given: Given): Promise<{ guest: Guest; hart: HartView }> {
  const text = (given.at as string | undefined) ?? 'end';
  const point = parsePoint(text);
  const limit = limitOf(given);
  const guest = loadGuest(launchOf(kernel, given));
  const hart = hartOf(guest, given.hart as string | undefined);
  const awaited = awaitPoint(point, guest);
  const end = await drive(guest, { limit, awaited, progress: new Progress() });
  if (end.kind !== 'reached' && point.kind !== 'end') throw missed(text, end, awaited);
  if (end.kind !== 'ended' && end.kind !== 'reached') exitCodeOf(end);
  return { guest, hart };
}
