// How the cost of a boot of Debian's Linux grows with harts and guest RAM, and how that of code grows with its size: CPU
// time of the main thread and of all, the most memory that the process took, and the guest RAM that was touched. Each is
// the best of the rounds, every one in a process of its own.
// usage: node scripts/bench-growth.mjs [--rounds 3]; that builds the programs of large code and names them here

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadGuest } from '../cli/guest.ts';
import { type Given, launchOf } from '../cli/options.ts';
import { guestFile } from '../test/support/guests.ts';

interface Measured {
  readonly instructions: number;
  /** Seconds. */
  readonly main: number;
  readonly all: number;
  /** MiB. */
  readonly memory: number;
  readonly touched: number;
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, one: { type: 'string' } },
  allowPositionals: true,
});

function measure(program: string, options: Given): Measured {
  const { machine } = loadGuest(launchOf(program, options));
  while (machine.run(10_000_000).reason === 'limit');
  const [onCpu] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  const { user, system } = process.cpuUsage();
  return {
    instructions: machine.harts.reduce((sum, { instret }) => sum + Number(instret), 0),
    main: Number(onCpu) / 1e9,
    all: (user + system) / 1e6,
    memory: process.resourceUsage().maxRSS / 1024,
    touched: ((machine.counts.touchedPages ?? 0) * 4096) / 2 ** 20,
  };
}

function cases(): { readonly name: string; readonly program: string; readonly options: Given }[] {
  const file = (name: string) => guestFile(`linux-6.12-debian/${name}`);
  const [image, initrd] = [file('Image'), file('initramfs.cpio.gz')];
  const linux = { append: 'console=ttyS0 earlycon=sbi', ...(initrd && { initrd }) };
  const boots = [1, 2, 4, 8].map((harts) => ({
    name: `boot, harts: ${harts}`,
    options: { ...linux, harts: `${harts}` },
  }));
  const sizes = ['1G', '4G', '16G'].map((memory) => ({ name: `boot, RAM: ${memory}`, options: { ...linux, memory } }));
  const functions = positionals.map((program) => ({
    name: `large code, ${/\d+/.exec(program)} functions`,
    program,
    options: { firmware: 'none' },
  }));
  return [...(image ? [...boots, ...sizes].map((boot) => ({ ...boot, program: image })) : []), ...functions];
}

if (values.one) {
  const { program, options } = JSON.parse(values.one);
  process.stdout.write(JSON.stringify(measure(program, options)));
} else {
  for (const { name, program, options } of cases()) {
    let best: Measured | undefined;
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const given = JSON.stringify({ program, options });
      const text = execFileSync(process.execPath, [process.argv[1] as string, '--one', given], { encoding: 'utf8' });
      const measured = JSON.parse(text) as Measured;
      if (!best || measured.main < best.main) best = measured;
    }
    if (!best) continue;
    const { instructions, main, all, memory, touched } = best;
    const times = `main ${main.toFixed(2)} s, all ${all.toFixed(2)} s, ${(instructions / 1e6).toFixed(0)} M instructions`;
    process.stdout.write(`${name}: ${times}, ${memory.toFixed(0)} MiB for ${touched.toFixed(0)} MiB of touched RAM\n`);
  }
}
