// What debugging costs a boot of Debian's Linux: boots with nothing and with points of each kind that is asked for, in turns, each
// in a process of its own; CPU time of the main thread and of all. The last state of all must be the same.
//   mappings: a thousand mapping breakpoints.
//   epochs: a new epoch every so many million instructions (--points, 10 unless given).
//   stops: a filter on satp writes, a hundred breakpoints, and a watchpoint on writes of data of the kernel; its parts alone:
//   stops-satp, stops-breakpoints, stops-watchpoint. Those that are reached are passed: breakpoints for good.
//   reads: a watchpoint on reads and writes of the same data, in a page that is often read.
//   stores: a watchpoint on writes of the end of the page that is written most, where the first process has its stack.
// usage: node scripts/bench-debugging.mjs [KIND …] [--rounds 3] [--points N]

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Guest, loadGuest } from '../cli/guest.ts';
import { launchOf } from '../cli/options.ts';
import { parseEvent } from '../debug-adapter/events/expression.ts';
import { EventSource } from '../debug-adapter/events/source.ts';
import { phys, virt } from '../emulator/address.ts';
import { guestFile } from '../test/support/guests.ts';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, points: { type: 'string' }, one: { type: 'string' } },
  allowPositionals: true,
});
const kinds = positionals.length ? positionals : ['mappings'];
const usual: Readonly<Record<string, number>> = { mappings: 1000, epochs: 10 };
const pointsOf = (kind: string) => Number(values.points ?? usual[kind] ?? 100);

/** Pages of the kernel's image, its direct map, vmalloc, the fixmap, and of programs, under whatever root. */
function mappings(count: number): string[] {
  const areas: [bigint, bigint][] = [
    [0xffffffff80000000n, 0x8000n],
    [0xffffffd600000000n, 0x40000n],
    [0xffffffc800000000n, 0x1000n],
    [0xffffffc6fea00000n, 0x1000n],
    [0x10000n, 0x3000n],
  ];
  return Array.from({ length: count }, (_, index) => {
    const [base, stride] = areas[index % areas.length] as [bigint, bigint];
    return `map:0x${(base + BigInt(Math.floor(index / areas.length)) * stride).toString(16)}/gains-wx`;
  });
}

/** Functions spread evenly over the kernel. */
function functions({ symbols }: Guest, count: number): bigint[] {
  const first = symbols.named('_stext')[0] as bigint;
  const last = symbols.named('_etext')[0] as bigint;
  const starts = Array.from({ length: count }, (_, index) => first + ((last - first) * BigInt(index)) / BigInt(count));
  return starts.flatMap((address) => {
    const name = symbols.nameOf(virt(address))?.replace(/\+.*/, '');
    return (name ? symbols.named(name)[0] : undefined) ?? [];
  });
}

/** Data of the kernel in a page that is often read. */
const READ = 'saved_command_line';

/** Sets the points of the kind; answers a stop. */
function prepare(kind: string, guest: Guest, told: { count: number }): () => void {
  const { machine, symbols } = guest;
  const has = (part: string) => kind === 'stops' || kind === `stops-${part}`;
  const watch = (name: string, on: 'write' | 'read-write', offset = 0n) => {
    const address = (symbols.named(name)[0] as bigint) + offset;
    machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(address), size: 8n, on }]);
  };
  if (kind === 'reads') watch(READ, 'read-write');
  if (kind === 'stores') watch('__end_init_stack', 'write', -4096n);
  if (has('watchpoint')) watch(READ, 'write');
  const names = { xlen: machine.xlen, valueOf: (name: string) => symbols.named(name)[0] };
  const source = new EventSource(machine, ['trap', 'trap-return'], (event) => {
    if (event.kind !== 'trap' && event.kind !== 'trap-return') told.count += 1;
    return false;
  });
  if (kind === 'mappings') source.want(mappings(pointsOf(kind)).map((text) => parseEvent(text, names).needs));
  if (has('satp')) source.want([parseEvent('satp-write', names).needs]);
  const left = new Set(has('breakpoints') ? functions(guest, pointsOf(kind)) : []);
  const set = () => machine.setBreakpoints({ virtual: [...left].map(virt), physical: [] });
  set();
  return () => {
    told.count += 1;
    for (const { pc } of machine.harts) if (left.delete(pc)) set();
  };
}

interface Boot {
  /** Seconds of the main thread, and of all. */
  readonly main: number;
  readonly all: number;
  readonly told: number;
  /** Of the last state. */
  readonly hash: string;
}

const secondsOfMain = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;

/** A boot with the points of a kind, or without any. */
function boot(kind?: string): Boot {
  const file = (name: string) => guestFile(`linux-6.12-debian/${name}`) as string;
  const given = { initrd: file('initramfs.cpio.gz'), append: 'console=ttyS0', mmu: 'sv39' };
  const guest = loadGuest(launchOf(file('Image'), { ...given, symbols: file('vmlinux') }));
  const { machine } = guest;
  const told = { count: 0 };
  const pass = kind && prepare(kind, guest, told);
  const [before, mainBefore] = [process.cpuUsage(), secondsOfMain()];
  const slice = kind === 'epochs' ? pointsOf(kind) * 1_000_000 : 10_000_000;
  for (;;) {
    if (kind === 'epochs') {
      told.count += machine.dirtyPages.length;
      machine.beginEpoch();
    }
    const { reason } = machine.run(slice);
    if (pass && (reason === 'breakpoint' || reason === 'watchpoint')) pass();
    else if (reason !== 'limit') break;
  }
  const main = secondsOfMain() - mainBefore;
  const { user, system } = process.cpuUsage(before);
  const hash = createHash('sha1');
  for (const hart of machine.harts) hash.update(`${hart.pc} ${hart.instret}`);
  hash.update(machine.readPhysical(phys(0x80000000), 256 << 20));
  return { main, all: (user + system) / 1e6, told: told.count, hash: hash.digest('hex') };
}

/** Alone in a process, as V8 finds what it has compiled in one for as long as something of it is alive. */
function bootAlone(kind = ''): Boot {
  const [bundle, ...given] = process.argv.slice(1) as [string, ...string[]];
  return JSON.parse(execFileSync(process.execPath, [bundle, ...given, `--one=${kind}`], { encoding: 'utf8' }));
}

const median = (numbers: readonly number[]) => {
  const [low, high] = [(numbers.length - 1) >> 1, numbers.length >> 1];
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[low] as number) + (sorted[high] as number)) / 2;
};
const ratios = (given: readonly Boot[], without: readonly Boot[], what: 'main' | 'all') =>
  given.map((each, round) => each[what] / (without[round] as Boot)[what]);

function compare(): void {
  const plain: Boot[] = [];
  const debugged = new Map<string, Boot[]>(kinds.map((kind) => [kind, []]));
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const without = bootAlone();
    plain.push(without);
    for (const [kind, boots] of debugged) {
      const given = bootAlone(kind);
      boots.push(given);
      const of = (what: 'main' | 'all') =>
        `${without[what].toFixed(2)} s without, ${given[what].toFixed(2)} s: ${(given[what] / without[what]).toFixed(3)}`;
      process.stdout.write(
        `round ${round}, ${kind} (${given.told} told): main thread ${of('main')}; all ${of('all')}\n`,
      );
    }
  }
  for (const [kind, boots] of debugged) {
    for (const what of ['main', 'all'] as const) {
      const each = ratios(boots, plain, what);
      const [least, most] = [Math.min(...each), Math.max(...each)].map((ratio) => ratio.toFixed(3));
      const medians = [plain, boots].map((all) => `${median(all.map((one) => one[what])).toFixed(2)} s`).join(' and ');
      const name = what === 'main' ? 'main thread' : 'all threads';
      process.stdout.write(`${kind}, ${name}: medians ${medians}: ${median(each).toFixed(3)} (${least} to ${most})\n`);
    }
  }
  const isSame = new Set([...plain, ...[...debugged.values()].flat()].map(({ hash }) => hash)).size === 1;
  process.stdout.write(isSame ? 'the last states are the same\n' : 'THE LAST STATES DIFFER\n');
  process.exitCode = isSame ? 0 : 1;
}

if (values.one === undefined) compare();
else process.stdout.write(JSON.stringify(boot(values.one || undefined)));
