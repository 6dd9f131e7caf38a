// Our machine against QEMU on the same guests: the bare-metal programs of bench/, and a boot of Linux 6.12.
// usage: node scripts/bench.mjs [--rounds N] [--only NAME[,NAME…]] [--no-history]   CPU seconds (user and system), interleaved
//        node scripts/bench.mjs --short                      compares what the programs print, times nothing
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { linuxGuest } from '../bench/linux.mjs';
import { buildProgram, programs } from '../bench/programs.mjs';
import { buildAll } from './build.mjs';
import { tools } from './tools.mjs';

const root = path.dirname(import.meta.dirname);
const folder = path.join(root, '.cache', 'bench');
const history = path.join(root, 'bench', 'history.jsonl');
const QEMU = ['qemu-system-riscv64', '-M', 'virt', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'];
const PAGEWALK = [process.execPath, path.join(root, 'dist', 'pagewalk.mjs'), 'run'];

/** Runs a command; what it printed, and the CPU seconds of it and its children. */
function measure(command) {
  // The shell's `times` tells what its children used.
  const script = '"$@"; code=$?; times >&3; exit $code';
  const run = spawnSync('sh', ['-c', script, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) throw new Error(`${command.join(' ')} ended with ${run.status}\n${run.stdout}${run.stderr}`);
  const children = run.output[3].trim().split('\n')[1];
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => minutes * 60 + Number(rest));
  return { text: run.stdout, seconds: seconds.reduce((sum, part) => sum + part, 0) };
}

/** A guest of the benchmark: how each emulator runs it, and what of its output must agree. */
function bareMetal(program, loops) {
  const elf = buildProgram(program, folder, loops);
  return {
    name: program.name,
    pagewalk: [...PAGEWALK, elf],
    qemu: [...QEMU, '-bios', 'none', '-kernel', elf],
    result: (text) => /checksum \w+ loops \w+/.exec(text)?.[0],
  };
}

function runBoth(guest) {
  const ours = measure(guest.pagewalk);
  const theirs = measure(guest.qemu);
  const result = guest.result(ours.text);
  if (!result || result !== guest.result(theirs.text)) {
    throw new Error(`${guest.name}: Pagewalk says ${result}, QEMU ${guest.result(theirs.text)}`);
  }
  return { ours: ours.seconds, theirs: theirs.seconds };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const spread = (values) => (Math.max(...values) - Math.min(...values)) / median(values);

function compareChecksums() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const missing = tools.filter((tool) => /riscv64/.test(tool.name) && !tool.found()).map((tool) => tool.name);
  for (const program of programs) {
    const name = `bench: ${program.name} prints what it prints on QEMU`;
    if (missing.length > 0) {
      counts.skipped += 1;
      console.log(`skipped: ${name} (needs ${missing.join(', ')})`);
      continue;
    }
    try {
      runBoth(bareMetal(program, program.short));
      counts.passed += 1;
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED: ${name}\n    ${error.message}`);
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

async function compareTimes(rounds, only) {
  const wanted = ({ name }) => !only || only.includes(name);
  const running = programs.filter(wanted).map((program) => bareMetal(program, program.loops));
  const linux = await linuxGuest(root, PAGEWALK, QEMU);
  if (linux && wanted(linux)) running.push(linux);
  const times = new Map(running.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const guest of running) times.get(guest.name).push(runBoth(guest));
    console.error(`round ${round} of ${rounds}`);
  }
  const results = {};
  console.log(
    `${'guest'.padEnd(14)} ${'Pagewalk'.padStart(9)} ${'QEMU'.padStart(9)} ${'speed'.padStart(7)} ${'spread'.padStart(7)}`,
  );
  for (const [name, rows] of times) {
    const [ours, theirs] = [median(rows.map((row) => row.ours)), median(rows.map((row) => row.theirs))];
    const ratios = rows.map((row) => row.theirs / row.ours);
    results[name] = { pagewalk: ours, qemu: theirs, speed: Number(median(ratios).toFixed(3)) };
    const cells = [
      `${ours.toFixed(2)} s`.padStart(9),
      `${theirs.toFixed(2)} s`.padStart(9),
      median(ratios).toFixed(2).padStart(7),
    ];
    console.log(`${name.padEnd(14)} ${cells.join(' ')} ${`±${(50 * spread(ratios)).toFixed(0)} %`.padStart(7)}`);
  }
  console.log('speed: QEMU’s CPU time divided by ours, so 1 is as fast as QEMU; the median of the rounds.');
  return results;
}

function remember(results, rounds) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--', 'emulator', 'bench') !== '';
  const qemu = /version ([\d.]+)/.exec(execFileSync('qemu-system-riscv64', ['--version'], { encoding: 'utf8' }))?.[1];
  const record = {
    commit,
    changed,
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    qemu,
    cpu: os.cpus()[0]?.model,
    rounds,
    results,
  };
  appendFileSync(history, `${JSON.stringify(record)}\n`);
}

process.chdir(root);
const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    'no-history': { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log('usage: npm run bench -- [--short] [--rounds N] [--only NAME[,NAME…]] [--no-history]');
  process.exit(0);
}
if (!existsSync(PAGEWALK[1]) || !values.short) await buildAll();
if (values.short) {
  compareChecksums();
} else {
  const results = await compareTimes(Number(values.rounds), values.only?.split(','));
  if (!values['no-history']) remember(results, Number(values.rounds));
}
