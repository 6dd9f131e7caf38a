// What mapping breakpoints cost: boots of Debian's Linux with none and with a thousand, in turns, by this process's CPU
// time; the last state of all must be the same.
// usage: node scripts/bench-mappings.mjs [--rounds 3] [--points 1000]

import { createHash } from 'node:crypto';
import { loadGuest } from '../cli/guest.ts';
import { launchOf } from '../cli/options.ts';
import { parseEvent } from '../debug-adapter/events/expression.ts';
import { EventSource } from '../debug-adapter/events/source.ts';
import { phys } from '../emulator/address.ts';
import { guestFile } from '../test/support/guests.ts';

const folder = 'linux-6.12-debian';
const option = (name: string, preset: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? preset : Number(process.argv[at + 1]);
};
const rounds = option('rounds', 3);
const count = option('points', 1000);

/** Pages of the kernel's image, its direct map, vmalloc, the fixmap, and of programs, under whatever root. */
function expressions(): string[] {
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

function boot(points: readonly string[]) {
  const file = (name: string) => guestFile(`${folder}/${name}`) as string;
  const given = { initrd: file('initramfs.cpio.gz'), append: 'console=ttyS0', mmu: 'sv39' };
  const { machine, symbols } = loadGuest(launchOf(file('Image'), { ...given, symbols: file('vmlinux') }));
  const names = { xlen: machine.xlen, valueOf: (name: string) => symbols.named(name)[0] };
  let told = 0;
  const source = new EventSource(machine, ['trap', 'trap-return'], ({ kind }) => {
    if (kind === 'map-change') told += 1;
    return false;
  });
  source.want(points.map((text) => parseEvent(text, names).needs));
  const before = process.cpuUsage();
  while (machine.run(10_000_000).reason === 'limit');
  const { user, system } = process.cpuUsage(before);
  const hash = createHash('sha1');
  for (const hart of machine.harts) hash.update(`${hart.pc} ${hart.instret}`);
  hash.update(machine.readPhysical(phys(0x80000000), 256 << 20));
  return { seconds: (user + system) / 1e6, told, hash: hash.digest('hex') };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
const plain: number[] = [];
const watched: number[] = [];
const hashes = new Set<string>();
boot([]);
for (let round = 0; round < rounds; round += 1) {
  const without = boot([]);
  const with_ = boot(expressions());
  plain.push(without.seconds);
  watched.push(with_.seconds);
  hashes.add(without.hash).add(with_.hash);
  const ratio = with_.seconds / without.seconds;
  process.stdout.write(
    `round ${round + 1}: ${without.seconds.toFixed(2)} s without, ${with_.seconds.toFixed(2)} s with ${count} (${with_.told} told): ${ratio.toFixed(3)}\n`,
  );
}
process.stdout.write(
  `medians ${median(plain).toFixed(2)} s and ${median(watched).toFixed(2)} s: ${(median(watched) / median(plain)).toFixed(3)}\n`,
);
process.stdout.write(hashes.size === 1 ? 'the last states are the same\n' : 'THE LAST STATES DIFFER\n');
process.exitCode = hashes.size === 1 ? 0 : 1;
