// What debugging costs a boot of Debian's Linux: boots with nothing and with points of one kind, in turns, by this process's
// CPU time; the last state of all must be the same.
//   mappings: a thousand mapping breakpoints.
//   epochs: a new epoch every so many million instructions (--points, 10 unless given).
//   reads: a watchpoint on reads and writes of data of the kernel, in a page with busy neighbours.
//   stops: a filter on satp writes, a hundred breakpoints, and a watchpoint on data of the kernel. Those that are reached
//   are passed: breakpoints for good.
// usage: node scripts/bench-debugging.mjs [mappings|breakpoints|stops|reads|epochs] [--rounds 3] [--points N]

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
const [kind = 'mappings'] = positionals;
const count = Number(values.points ?? (kind === 'mappings' ? 1000 : kind === 'epochs' ? 10 : 100));

/** Pages of the kernel's image, its direct map, vmalloc, the fixmap, and of programs, under whatever root. */
function mappings(): string[] {
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
function functions({ symbols }: Guest): bigint[] {
  const first = symbols.named('_stext')[0] as bigint;
  const last = symbols.named('_etext')[0] as bigint;
  const starts = Array.from({ length: count }, (_, index) => first + ((last - first) * BigInt(index)) / BigInt(count));
  return starts.flatMap((address) => {
    const name = symbols.nameOf(virt(address))?.replace(/\+.*/, '');
    return (name ? symbols.named(name)[0] : undefined) ?? [];
  });
}

/** The points of the kind; answers a stop and says whether there was one. */
function prepare(guest: Guest, told: { count: number }): () => void {
  const { machine, symbols } = guest;
  const watch = (on: 'write' | 'read-write') => {
    const address = symbols.named('saved_command_line')[0] as bigint;
    machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(address), size: 8n, on }]);
  };
  if (kind === 'epochs') return () => undefined;
  if (kind === 'reads') {
    watch('read-write');
    return () => {
      told.count += 1;
    };
  }
  const names = { xlen: machine.xlen, valueOf: (name: string) => symbols.named(name)[0] };
  const source = new EventSource(machine, ['trap', 'trap-return'], (event) => {
    if (event.kind !== 'trap' && event.kind !== 'trap-return') told.count += 1;
    return false;
  });
  if (kind === 'mappings') {
    source.want(mappings().map((text) => parseEvent(text, names).needs));
    return () => undefined;
  }
  source.want([parseEvent('satp-write', names).needs]);
  const left = new Set(functions(guest));
  const set = () => machine.setBreakpoints({ virtual: [...left].map(virt), physical: [] });
  set();
  if (kind === 'stops') watch('write');
  return () => {
    told.count += 1;
    for (const { pc } of machine.harts) if (left.delete(pc)) set();
  };
}

function boot(points: boolean) {
  const file = (name: string) => guestFile(`linux-6.12-debian/${name}`) as string;
  const given = { initrd: file('initramfs.cpio.gz'), append: 'console=ttyS0', mmu: 'sv39' };
  const guest = loadGuest(launchOf(file('Image'), { ...given, symbols: file('vmlinux') }));
  const { machine } = guest;
  const told = { count: 0 };
  const pass = points ? prepare(guest, told) : undefined;
  const before = process.cpuUsage();
  const slice = kind === 'epochs' ? count * 1_000_000 : 10_000_000;
  for (;;) {
    if (kind === 'epochs' && points) {
      told.count += machine.dirtyPages.length;
      machine.beginEpoch();
    }
    const { reason } = machine.run(slice);
    if (reason === 'breakpoint' || reason === 'watchpoint') pass?.();
    else if (reason !== 'limit') break;
  }
  const { user, system } = process.cpuUsage(before);
  const hash = createHash('sha1');
  for (const hart of machine.harts) hash.update(`${hart.pc} ${hart.instret}`);
  hash.update(machine.readPhysical(phys(0x80000000), 256 << 20));
  return { seconds: (user + system) / 1e6, told: told.count, hash: hash.digest('hex') };
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;
const plain: number[] = [];
const debugged: number[] = [];
const hashes = new Set<string>();
boot(false);
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const [without, given] = [boot(false), boot(true)];
  plain.push(without.seconds);
  debugged.push(given.seconds);
  hashes.add(without.hash).add(given.hash);
  const [least, most] = [without.seconds.toFixed(2), given.seconds.toFixed(2)];
  const ratio = (given.seconds / without.seconds).toFixed(3);
  process.stdout.write(`round ${round}: ${least} s without, ${most} s with ${kind} (${given.told} told): ${ratio}\n`);
}
const [least, most] = [median(plain), median(debugged)];
process.stdout.write(`medians ${least.toFixed(2)} s and ${most.toFixed(2)} s: ${(most / least).toFixed(3)}\n`);
process.stdout.write(hashes.size === 1 ? 'the last states are the same\n' : 'THE LAST STATES DIFFER\n');
process.exitCode = hashes.size === 1 ? 0 : 1;
