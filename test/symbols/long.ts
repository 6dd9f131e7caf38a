// The long comparison of debug information: every row, every frame rule, types, scopes and lines of four kernels against
// binutils and gdb, and a great many damaged files. Prints the rows of the table in docs/symbols.md.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { hex, virt } from '../../emulator/address.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { joinPath, SymbolFile } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { randomFrom } from '../support/page-tables.ts';
import { gnu } from '../support/riscv-gcc.ts';
import { ask, damage, targets } from './damage.ts';
import { ourFrames, readelfFrames } from './decoded-frames.ts';
import { difference, gdbScopes } from './described-scopes.ts';
import { gdbTypes, namedTypes, ourTypes } from './described-types.ts';
import { compareRows, readelfLines } from './line-rows.ts';
import { withVariables } from './programs.ts';

const { values } = parseArgs({
  options: {
    fuzz: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    guest: { type: 'string' },
  },
});
const seed = Number(values.seed);
const wants = (what: string) => values.only === undefined || values.only.split(',').includes(what);

function told(kernel: string, what: string, compared: number, different: number, examples: readonly string[]): void {
  console.log(`| ${kernel} | ${what} | ${compared} | ${different} |`);
  for (const example of examples.slice(0, 5)) console.error(`  ${example.slice(0, 600)}`);
}

function randomAddresses(file: SymbolFile, count: number): bigint[] {
  const random = randomFrom(seed);
  const sections = file.sections.filter(({ execute }) => execute);
  const total = sections.reduce((sum, { size }) => sum + size, 0);
  return Array.from({ length: count }, () => {
    let offset = random(total >>> 1) * 2;
    for (const { va, size } of sections) {
      if (offset < size) return va + BigInt(offset);
      offset -= size;
    }
    return file.entry;
  });
}

async function compare(kernel: string, elf: string, typesOfEach: number): Promise<void> {
  const file = new SymbolFile(fileSource(elf));
  if (wants('rows')) {
    const { rows, different, examples } = await compareRows(elf);
    told(kernel, 'rows of line tables (`readelf`)', rows, different, examples);
  }
  if (wants('frames')) {
    const [ours, theirs] = [ourFrames(elf), readelfFrames(elf)];
    const wrong = [...theirs].filter(([code, rows]) => ours.get(code)?.join() !== rows.join()).map(([code]) => code);
    told(kernel, 'functions with frame rules (`readelf`)', theirs.size, wrong.length, wrong);
  }
  const addresses = randomAddresses(file, 5000);
  if (wants('lines')) {
    const text = gnu('addr2line', ['-e', elf], addresses.map((address) => `${hex(address)}\n`).join(''));
    const theirs = text
      .trim()
      .split('\n')
      .map((line) => line.replace(/ \(discriminator \d+\)$/, ''));
    const different: { address: bigint; found: string; expected: string }[] = [];
    let known = 0;
    for (const [i, address] of addresses.entries()) {
      const expected = joinPath(theirs[i] ?? '');
      if (/[:?][0?]$/.test(expected)) continue;
      known++;
      const line = file.lineAt(virt(address));
      const found = `${line?.file}:${line?.line}`;
      if (found !== expected) different.push({ address, found, expected });
    }
    // addr2line takes the file of another row now and then: readelf's row of the address decides.
    const suspects = different.map(({ address }) => address);
    const rows = suspects.length > 0 ? await readelfLines(elf, suspects) : new Map<bigint, string>();
    // The padding before a function is the function's to us; to addr2line it is of the one before.
    const inPadding = (address: bigint) => {
      const at = file.functionAt(virt(address));
      return at !== undefined && address < file.functionEntry(at);
    };
    const apart = different.filter(({ address, found }) => rows.get(address) !== found.split('/').at(-1));
    const wrong = apart.filter(({ address }) => !inPadding(address));
    const texts = wrong.map(
      ({ address, found, expected }) => `${hex(address)}: ours ${found}, addr2line's ${expected}`,
    );
    const against = different.length - apart.length;
    const padding = apart.length - wrong.length;
    const said = `${against} of its answers contradict \`readelf\`, ${padding} are in padding`;
    const what = `lines of random addresses (\`addr2line\`; ${said})`;
    told(kernel, what, known, wrong.length, texts);
  }
  if (wants('scopes')) {
    const some = addresses.slice(0, 2000);
    const theirs = gdbScopes(elf, some);
    const wrong: string[] = [];
    let known = 0;
    for (const [i, address] of some.entries()) {
      const scopes = theirs[i] ?? [];
      if (scopes.length === 0) continue;
      known++;
      const text = difference(file, address, scopes);
      if (text !== undefined) wrong.push(`${hex(address)}: ${text}`);
    }
    told(kernel, 'scopes at random addresses (gdb)', known, wrong.length, wrong);
  }
  if (wants('types')) {
    const requests = namedTypes(elf, typesOfEach);
    const [ours, theirs] = [ourTypes(file, requests), gdbTypes(elf, requests)];
    const wrong = requests.flatMap(({ pc, name }, i) => {
      const [a, b] = [JSON.stringify(ours[i]), JSON.stringify(theirs[i])];
      return a === b ? [] : [`${name} at ${pc}: ours ${a}, gdb's ${b}`];
    });
    told(kernel, 'types, member by member (gdb)', requests.length, wrong.length, wrong);
  }
  for (const problem of file.problems) console.error(`  ${problem}`);
}

for (const [kernel, typesOfEach] of [
  ['linux-5.10-rv64', 10],
  ['linux-6.1-rv32', 10],
  ['linux-6.12-rv64-kaslr', 10],
  ['linux-6.12-debian', 40],
] as const) {
  const elf = values.guest === undefined || values.guest === kernel ? guestFile(`${kernel}/vmlinux`) : undefined;
  if (elf) await compare(kernel, elf, typesOfEach);
}

const kinds = [
  ['-gdwarf-2', '-O0'],
  ['-gdwarf-3', '-O2'],
  ['-gdwarf-4', '-O2', '-fdebug-types-section'],
  ['-gdwarf-5', '-O2'],
  ['-gdwarf-5', '-gdwarf64', '-gz=zlib', '-O1'],
  ['-gdwarf-5', '-O2', '-march=rv32imac', '-mabi=ilp32', '-fasynchronous-unwind-tables'],
];
if (wants('fuzz')) {
  const rounds = Math.ceil(Number(values.fuzz) / kinds.length);
  const random = randomFrom(seed);
  let [asked, damaged, thrown, slowest, peak] = [0, 0, 0, 0, 0];
  for (const kind of kinds) {
    const whole = new Uint8Array(readFileSync(withVariables(kind)));
    const ranges = targets(whole);
    for (let round = 0; round < rounds; round++) {
      const started = process.cpuUsage();
      asked++;
      if (asked % 5000 === 0) console.error(`  ${asked} damaged files, ${damaged} told, ${thrown} exceptions`);
      try {
        // Two of the questions each: so many more files are damaged in the same time.
        const source = bytesSource('damaged.elf', damage(whole, ranges, random));
        const first = random(64);
        if (ask(source, (question, of) => question === first % of || question === (first >> 3) % of) > 0) damaged++;
      } catch (error) {
        if (thrown++ < 5) console.error(`${kind.join(' ')}, round ${round}:`, error);
      }
      const { user, system } = process.cpuUsage(started);
      slowest = Math.max(slowest, (user + system) / 1000);
      peak = Math.max(peak, process.memoryUsage.rss());
    }
  }
  console.log(
    `${asked} damaged files (seed ${seed}): ${damaged} had problems that were told, ${thrown} exceptions; ` +
      `the slowest took ${Math.round(slowest)} ms of CPU time, at most ${Math.round(peak / 1e6)} MB were used`,
  );
}
