// What debugging costs a boot of Debian's Linux: boots with nothing and with points of each kind that is asked for, in turns, by
// this process's CPU time; the last state of all must be the same.
//   mappings: a thousand mapping breakpoints.
//   epochs: a new epoch every so many million instructions (--points, 10 unless given).
//   stops: a filter on satp writes, a hundred breakpoints, and a watchpoint on writes of data of the kernel; its parts alone:
//   stops-satp, stops-breakpoints, stops-watchpoint. Those that are reached are passed: breakpoints for good.
//   reads: a watchpoint on reads and writes of the same data, in a page that is often read.
//   stores: a watchpoint on writes of data in a page that is often written.
// usage: node scripts/bench-debugging.mjs [KIND …] [--rounds 3] [--points N]

import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Guest, loadGuest } from '../cli/guest.ts';
import { launchOf } from '../cli/options.ts';
import { parseEvent } from '../debug-adapter/events/expression.ts';
import { EventSource } from '../debug-adapter/events/source.ts';
import { phys, virt } from '../emulator/address.ts';
import { guestFile } from '../test/support/guests.ts';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, points: { type: 'string' } },
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

/** Data of the kernel: in a page that is often read but not written, and in one that is often written. */
const READ = 'saved_command_line';
const WRITTEN = 'jiffies_64';

/** Sets the points of the kind; answers a stop. */
function prepare(kind: string, guest: Guest, told: { count: number }): () => void {
  const { machine, symbols } = guest;
  const has = (part: string) => kind === 'stops' || kind === `stops-${part}`;
  const watch = (name: string, on: 'write' | 'read-write') => {
    const address = symbols.named(name)[0] as bigint;
    machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(address), size: 8n, on }]);
  };
  if (kind === 'reads') watch(READ, 'read-write');
  if (kind === 'stores') watch(WRITTEN, 'write');
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

/** A boot with the points of a kind, or without any. */
function boot(kind?: string) {
  const file = (name: string) => guestFile(`linux-6.12-debian/${name}`) as string;
  const given = { initrd: file('initramfs.cpio.gz'), append: 'console=ttyS0', mmu: 'sv39' };
  const guest = loadGuest(launchOf(file('Image'), { ...given, symbols: file('vmlinux') }));
  const { machine } = guest;
  const told = { count: 0 };
  const pass = kind && prepare(kind, guest, told);
  const before = process.cpuUsage();
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
  const { user, system } = process.cpuUsage(before);
  const hash = createHash('sha1');
  for (const hart of machine.harts) hash.update(`${hart.pc} ${hart.instret}`);
  hash.update(machine.readPhysical(phys(0x80000000), 256 << 20));
  return { seconds: (user + system) / 1e6, told: told.count, hash: hash.digest('hex') };
}

const median = (numbers: readonly number[]) => {
  const [low, high] = [(numbers.length - 1) >> 1, numbers.length >> 1];
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[low] as number) + (sorted[high] as number)) / 2;
};
const plain: number[] = [];
const debugged = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
const hashes = new Set<string>();
boot();
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const without = boot();
  plain.push(without.seconds);
  hashes.add(without.hash);
  for (const kind of kinds) {
    const given = boot(kind);
    debugged.get(kind)?.push(given.seconds);
    hashes.add(given.hash);
    const [least, most] = [without.seconds.toFixed(2), given.seconds.toFixed(2)];
    const ratio = (given.seconds / without.seconds).toFixed(3);
    process.stdout.write(`round ${round}: ${least} s without, ${most} s with ${kind} (${given.told} told): ${ratio}\n`);
  }
}
for (const [kind, seconds] of debugged) {
  const ratios = seconds.map((each, round) => each / (plain[round] as number));
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(3));
  const medians = `medians ${median(plain).toFixed(2)} s and ${median(seconds).toFixed(2)} s`;
  process.stdout.write(
    `${kind}: ${medians}: ${median(ratios).toFixed(3)} (${least} to ${most}) times the boot without\n`,
  );
}
process.stdout.write(hashes.size === 1 ? 'the last states are the same\n' : 'THE LAST STATES DIFFER\n');
process.exitCode = hashes.size === 1 ? 0 : 1;
