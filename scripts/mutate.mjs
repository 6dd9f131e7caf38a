// Seeds one fault after the other, in each row of the instruction tables and in each step of the walk, and lists those
// that the comparisons of test/oracle do not notice.
// usage: node scripts/mutate.mjs [rows] [walk]      default both
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleTests } from './unit.mjs';
import { tellUsage } from './usage.mjs';

tellUsage(import.meta.url);
process.chdir(path.dirname(import.meta.dirname));
const out = path.join('dist', 'mutate', String(process.pid));

/** File → lines as they stand there, each with what is put for it. */
const faults = {
  'emulator/mmu/walk.ts': [
    ["if (!isCanonical(mode, va)) return fail('non-canonical');", ''],
    ['let level = mode.levels - 1;', 'let level = mode.levels - 2;'],
    ["return fail('pte-unreadable', raw);", "return fail('not-valid');"],
    ["if (!pte.valid) return 'not-valid';", ''],
    ["if (pte.w && !pte.r) return 'write-without-read';", ''],
    ["if (pte.reserved !== 0) return 'reserved-bits';", ''],
    ["if (pte.pbmt !== 'PMA' && !regime.pbmt) return 'reserved-memory-type';", ''],
    ["if (pte.pbmt === 'reserved') return 'reserved-memory-type';", ''],
    ["if (pte.u || pte.a || pte.d || pte.pbmt !== 'PMA' || pte.napot) return 'pointer-with-leaf-bits';", ''],
    [
      "return level === 0 ? 'pointer-at-last-level' : undefined;",
      "return level === 1 ? 'pointer-at-last-level' : undefined;",
    ],
    ["if (pte.napot && (level !== 0 || (pte.ppn & 15n) !== 8n)) return 'reserved-napot';", ''],
    ["? undefined : 'misaligned-superpage'", '? undefined : undefined'],
    ["(access === 'fetch' || !regime.sum)", '!regime.sum'],
    ["(access === 'fetch' || !regime.sum)", "access === 'fetch'"],
    ["if (!pte.u && regime.privilege === 0) return 'not-user-page';", ''],
    ["return pte.x ? undefined : 'not-executable';", 'return undefined;'],
    ["return pte.w ? undefined : 'not-writable';", 'return undefined;'],
    ["return pte.r || (regime.mxr && pte.x) ? undefined : 'not-readable';", 'return undefined;'],
    ['(regime.mxr && pte.x)', 'false'],
    ['if (!pte.a) sets |= 0x40n;', ''],
    ["if (access === 'store' && !pte.d) sets |= 0x80n;", ''],
    ['if (!regime.hardwareAD) return', 'if (false) return'],
    ["if (refusal) return fail('ad-update-refused', refusal);", ''],
    ['pte.napot ? 0x10000n : spanOf', 'pte.napot ? 0x1000n : spanOf'],
    ['pte.napot ? pte.target & ~0xffffn : pte.target', 'pte.target'],
    ["if (refusal) return { ...fail('access-refused', refusal), sets };", ''],
    ["return { ...fail('access-refused', refusal), sets };", "return fail('access-refused', refusal);"],
  ],
  'emulator/mmu/cause.ts': [
    ['fetch: 1,', 'fetch: 12,'],
    ['store: 7', 'store: 5'],
    ['load: 13', 'load: 15'],
    ['load: 13', 'load: 5'],
    ['fetch: 12', 'fetch: 1'],
    ['store: 15', 'store: 7'],
  ],
  'emulator/core/translate.ts': [
    ['when(lacks(flags.get, V), giveUp),', ''],
    ['when(test(flags.get, POINTER_RESERVED), giveUp),', ''],
    ['when(i32.eq(test(flags.get, R | W), i32.const(W)), giveUp),', ''],
    ['when(i32.eq(kind.get, i32.const(Tlb.U)), giveUp),', ''],
    ['when(lacks(flags.get, A), giveUp),', ''],
    ['when(lacks(flags.get, D), flags.set(i32.and(flags.get, i32.const(~W)))),', ''],
    ['when(i32.and(i32.ne(kind.get, i32.const(Tlb.M)), i32.eqz(i32.and(pmp.get, neededOfPmp))), giveUp),', ''],
    ['test(pmp.get, PmpBit.mixed)), giveUp)', 'i32.const(0)), giveUp)'],
  ],
};

async function seeded(file, from, to, count) {
  const outfile = path.join(out, `walk-${count}.mjs`);
  let places = 0;
  const fault = {
    name: 'fault',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path: source }) => {
        if (path.relative('', source).split(path.sep).join('/') !== file) return undefined;
        const text = readFileSync(source, 'utf8');
        places = text.split(from).length - 1;
        return { contents: text.replace(from, () => to), loader: 'ts' };
      });
    },
  };
  await build({
    entryPoints: ['test/oracle/walk-check.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [fault],
  });
  if (places === 0) throw new Error(`${file}: there is no "${from}" any more: bring scripts/mutate.mjs up to date`);
  return outfile;
}

const runs = (file) => spawnSync(process.execPath, [file], { stdio: 'ignore', timeout: 120_000 }).status === 0;

async function mutateWalk() {
  if (!runs(await seeded('emulator/mmu/walk.ts', 'walk', 'walk', 0))) {
    throw new Error('the machines disagree before any fault is seeded: node scripts/oracle.mjs');
  }
  const all = Object.entries(faults).flatMap(([file, list]) => list.map(([from, to]) => [file, from, to]));
  let survived = 0;
  for (const [index, [file, from, to]] of all.entries()) {
    if (!runs(await seeded(file, from, to, index + 1))) continue;
    survived += 1;
    console.log(`survived: ${file}: ${from} -> ${to}`);
  }
  console.log(`walk: ${all.length - survived} faults caught, ${survived} survived`);
  return survived;
}

async function mutateRows() {
  const [file] = await bundleTests(['test/oracle/mutants.ts'], out);
  return spawnSync(process.execPath, [file], { stdio: 'inherit' }).status;
}

const wanted = process.argv.slice(2);
try {
  const survived = wanted.length === 0 || wanted.includes('walk') ? await mutateWalk() : 0;
  const rows = wanted.length === 0 || wanted.includes('rows') ? await mutateRows() : 0;
  process.exitCode = survived || rows ? 1 : 0;
} finally {
  rmSync(out, { recursive: true, force: true });
}
