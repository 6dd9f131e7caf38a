// pagewalk preflight: what writes of satp will do, judged before they are made.

import { hex64, plus } from '../emulator/address.ts';
import type { HartView } from '../emulator/inspection.ts';
import { decodeSatp, sizeText } from '../emulator/mmu/modes.ts';
import { UserError } from '../emulator/user-error.ts';
import {
  preflight as judge,
  lengthAt,
  type MapDifference,
  mapDifferences,
  mappedText,
  mappings,
  type PendingSatp,
  type Preflight,
  parsePoint,
  satpWriteAt,
  spaceOf,
} from '../kernel/index.ts';
import { drive } from './drive.ts';
import { exitCodeOf } from './ending.ts';
import { type Guest, hartOf, loadGuest } from './guest.ts';
import type { Verb } from './help.ts';
import { namesOf } from './names.ts';
import { endOptions, help, launchOf, limitOf, machineOptions, oneOf } from './options.ts';
import { type Awaited, awaitPoint, missed } from './point.ts';
import { Progress } from './progress.ts';

const SATP = 0x180;
/** Lines of the difference that the text shows. */
const MOST = 40;

export const preflight: Verb = {
  name: 'preflight',
  operands: ['KERNEL'],
  summary: 'Judges writes of satp before they are made: will fetch, stack, trap handler and console be mapped?',
  notes:
    'Without --at every write is judged, a line each, up to the first red one. Green: all is there, or the write is a trial of\na mode, or the next fetch faults into stvec on purpose, as in Linux. Yellow: worth a look. Red: the kernel will not survive.\nJSON: one object a write: index, hart, pc, symbol, before, after, verdict, text, checks; with --at also diff.\nExit code: 1 when a write is red; else 0, or as the guest ends; 2 for a mistake on the command line; 3 at --limit.',
  options: {
    ...machineOptions,
    ...endOptions,
    at: { value: 'POINT', text: 'satp:N judges that write alone, in full; another point the write that stands there' },
    hart: { value: 'N', text: 'which hart stands there (default 0)' },
    format: { value: 'FORMAT', text: 'text (default) or json' },
    help,
  },

  async run([kernel = ''], given) {
    const limit = limitOf(given);
    const format = oneOf('format', (given.format as string | undefined) ?? 'text', ['text', 'json'] as const);
    const at = given.at as string | undefined;
    const point = at === undefined ? undefined : parsePoint(at);
    const guest = loadGuest(launchOf(kernel, given));
    const progress = new Progress();
    if (at !== undefined && point && point.kind !== 'satp') {
      const awaited = awaitPoint(point, guest);
      const end = await drive(guest, { limit, awaited, progress });
      if (end.kind !== 'reached') throw missed(at, end, awaited);
      const hart = hartOf(guest, given.hart as string | undefined);
      const write = satpWriteAt(guest.machine, hart);
      if (!write) throw new UserError(`--at ${at}: the instruction there does not write satp; try --at satp:1`);
      return show(guest, hart, write, 0, format, true) === 'red' ? 1 : 0;
    }
    const wanted = point?.kind === 'satp' ? point.index : undefined;
    const until = given.until as string | undefined;
    const other = until === undefined ? undefined : awaitPoint({ kind: 'console', text: until }, guest);
    let index = 0;
    let red = false;
    let done = false;
    guest.machine.listen(
      (event) => {
        if (event.kind !== 'csr-pending' || done) return false;
        index += 1;
        if (wanted !== undefined && index < wanted) return false;
        const { pc, written, before } = event;
        const hart = guest.machine.harts.find(({ id }) => id === event.hart) as HartView;
        const write = { pc, next: plus(pc, lengthAt(guest.machine, hart, pc)), written, before };
        progress.clear();
        red = show(guest, hart, write, index, format, wanted !== undefined) === 'red';
        done = red || wanted !== undefined;
        return done;
      },
      { kinds: ['csr-pending'], csrs: [SATP] },
    );
    const awaited: Awaited = {
      reached: () => done || (other?.reached() ?? false),
      progress: () => `it wrote satp ${index} times`,
      slice: () => other?.slice() ?? Number.POSITIVE_INFINITY,
      dispose: () => other?.dispose(),
    };
    const end = await drive(guest, { limit, awaited, progress });
    if (red) return 1;
    if (at !== undefined && !done) throw missed(at, end, awaited);
    return exitCodeOf(end);
  },
};

function show(guest: Guest, hart: HartView, write: PendingSatp, index: number, format: 'text' | 'json', full: boolean) {
  const { machine } = guest;
  const verdict = judge(machine, hart, write, namesOf(guest, hart));
  const diff = full ? differences(guest, hart, write) : [];
  const text = format === 'json' ? JSON.stringify(jsonOf(guest, hart, index, verdict, diff, full)) : undefined;
  const whole = full || verdict.verdict === 'red';
  process.stdout.write(`${text ?? textOf(guest, hart, index, verdict, diff, whole)}\n`);
  return verdict.verdict;
}

function differences({ machine }: Guest, hart: HartView, { before, written }: PendingSatp): MapDifference[] {
  const [was, is] = [decodeSatp(before, machine.xlen), decodeSatp(written, machine.xlen)];
  if (!was.mode || !is.mode) return [];
  const runs = ({ mode, root }: typeof was) => (mode ? mappings(machine, spaceOf(machine, hart, mode, root)) : []);
  return [...mapDifferences(runs(was), runs(is))];
}

function textOf(
  { symbols }: Guest,
  hart: HartView,
  index: number,
  { write, before, after, verdict, text, checks }: Preflight,
  diff: readonly MapDifference[],
  whole: boolean,
): string {
  const name = symbols.nameOf(write.pc);
  const head = `${verdict.padEnd(6)} ${index > 0 ? `satp:${index}` : 'satp'} ← ${after} (was ${before}) at ${hex64(write.pc)}${name && ` <${name}>`}, hart ${hart.id}`;
  if (!whole) return `${head}\n       ${text}`;
  const lines = [head, text, ''];
  const mark = { ok: 'ok', note: 'note', warning: 'warning', bad: 'BAD' } as const;
  for (const check of checks) lines.push(`  ${mark[check.verdict].padEnd(8)} ${check.title.padEnd(15)} ${check.text}`);
  if (diff.length > 0) lines.push('', `The new map against the old one: ${diff.length} differences`);
  for (const { kind, va, size, before: was, after: is } of diff.slice(0, MOST)) {
    const maps = [was, is].flatMap((each) => (each ? [mappedText(each)] : []));
    const sign = { added: '+', removed: '-', changed: '~' }[kind];
    lines.push(
      `  ${sign} ${hex64(va)}–${hex64(plus(va, size - 1n))} ${sizeText(size).padStart(9)}  ${maps.join(' → ')}`,
    );
  }
  if (diff.length > MOST) lines.push(`  … and ${diff.length - MOST} more (--format json has all)`);
  return lines.join('\n');
}

function jsonOf(
  { symbols }: Guest,
  hart: HartView,
  index: number,
  { write, verdict, text, checks, before, after }: Preflight,
  diff: readonly MapDifference[],
  full: boolean,
) {
  return {
    index,
    hart: hart.id,
    pc: hex64(write.pc),
    symbol: symbols.nameOf(write.pc),
    satp: hex64(write.written),
    before,
    after,
    verdict,
    text,
    checks: checks.map(({ steps: _, va, ...check }) => ({ ...check, ...(va !== undefined && { va: hex64(va) }) })),
    ...(full && {
      diff: diff.map(({ kind, va, size, before: was, after: is }) => ({
        kind,
        va: hex64(va),
        vaEnd: hex64(plus(va, size - 1n)),
        ...(was && { before: mappedText(was) }),
        ...(is && { after: mappedText(is) }),
      })),
    }),
  };
}
