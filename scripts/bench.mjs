// Our machine against QEMU on the same guests: the bare-metal programs of bench/, and a boot of Linux 6.12.
// usage: node scripts/bench.mjs [--rounds N] [--only NAME[,NAME…]] [--node PATH] [--no-history]   CPU seconds, interleaved
//        node scripts/bench.mjs --short       compares what the programs print and how many instructions they take
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EXACT, linuxGuests } from '../bench/linux.mjs';
import { buildProgram, callsOf, programs } from '../bench/programs.mjs';
import { buildAll } from './build.mjs';
import { tools } from './tools.mjs';
import { tellUsage } from './usage.mjs';

const root = path.dirname(import.meta.dirname);
const folder = path.join(root, '.cache', 'bench');
const history = path.join(root, 'bench', 'history.jsonl');
const QEMU = ['qemu-system-riscv64', '-M', 'virt', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'];
const MAIN_THREAD = path.join(root, 'bench', 'main-thread.mjs');
const ON_MAIN_THREAD = path.join(folder, 'main-thread');
const pagewalkOn = (node) => [node, '--import', MAIN_THREAD, path.join(root, 'dist', 'pagewalk.mjs'), 'run'];

/** Certificates that a computer adds are no part of either emulator: Node 20 reads them at every start, for 45 ms. */
const { NODE_EXTRA_CA_CERTS, ...environment } = process.env;

/** Runs a command; what it printed, and the CPU seconds of it and its children. */
function measure(command) {
  // The shell's `times` tells what its children used.
  const script = '"$@"; code=$?; times >&3; exit $code';
  const run = spawnSync('sh', ['-c', script, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...environment, PAGEWALK_MAIN_THREAD: ON_MAIN_THREAD },
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) throw new Error(`${command.join(' ')} ended with ${run.status}\n${run.stdout}${run.stderr}`);
  const children = run.output[3].trim().split('\n')[1];
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => minutes * 60 + Number(rest));
  return { text: run.stdout, seconds: seconds.reduce((sum, part) => sum + part, 0) };
}

/** A guest of the benchmark: how each emulator runs it, and what of its output must agree. */
function bareMetal(program, loops, pagewalk, qemu = QEMU) {
  const elf = buildProgram(program, folder, loops);
  return {
    name: program.name,
    pagewalk: [...pagewalk, elf],
    qemu: [...qemu, '-bios', 'none', '-kernel', elf],
    result: (text) => /checksum \w+/.exec(text)?.[0],
    instructions: (text) => BigInt(`0x${/instructions (\w+)/.exec(text)?.[1]}`),
    notRetired: BigInt(callsOf(program, loops)),
  };
}

function runBoth(guest) {
  const ours = measure(guest.pagewalk);
  const theirs = measure(guest.qemu);
  const result = guest.result(ours.text);
  if (!result || result !== guest.result(theirs.text)) {
    throw new Error(`${guest.name}: Pagewalk says ${result}, QEMU ${guest.result(theirs.text)}`);
  }
  const main = Number(readFileSync(ON_MAIN_THREAD, 'utf8'));
  return { ours: ours.seconds, main, theirs: theirs.seconds, texts: [ours.text, theirs.text] };
}

/** The same checksum after the same number of instructions. */
function compareRuns(guest) {
  const [ours, theirs] = runBoth(guest).texts.map(guest.instructions);
  if (!ours || ours + guest.notRetired !== theirs)
    throw new Error(`${guest.name}: Pagewalk takes ${ours}, QEMU ${theirs}`);
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const spread = (values) => (Math.max(...values) - Math.min(...values)) / median(values);

function compareChecksums() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const missing = tools.filter((tool) => /riscv64/.test(tool.name) && !tool.found()).map((tool) => tool.name);
  for (const program of programs) {
    const name = `bench: ${program.name} prints what it prints on QEMU, after as many instructions`;
    if (missing.length > 0) {
      counts.skipped += 1;
      console.log(`skipped: ${name} (needs ${missing.join(', ')})`);
      continue;
    }
    try {
      compareRuns(bareMetal(program, program.short, pagewalkOn(process.execPath), [...QEMU, ...EXACT]));
      counts.passed += 1;
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED: ${name}\n    ${error.message}`);
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

function refuse(why) {
  console.error(why);
  process.exit(2);
}

async function compareTimes(rounds, only, node) {
  const pagewalk = pagewalkOn(node);
  const wanted = ({ name }) => !only || only.includes(name);
  const running = programs.filter(wanted).map((program) => bareMetal(program, program.loops, pagewalk));
  const linux = await linuxGuests(root, pagewalk, QEMU);
  running.push(...linux.filter(wanted));
  const names = [...programs, ...linux].map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(`--only ${unknown}: there are ${names.join(', ')}`);
  const times = new Map(running.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const guest of running) times.get(guest.name).push(runBoth(guest));
    console.error(`round ${round} of ${rounds}`);
  }
  const results = {};
  const cells = (values) =>
    console.log(values.map((value, at) => (at ? value.padStart(9) : value.padEnd(14))).join(' '));
  cells(['guest', 'Pagewalk', 'main', 'QEMU', 'speed', 'of all', 'spread']);
  for (const { name, boots } of running) {
    const rows = times.get(name);
    const [ours, main, theirs] = ['ours', 'main', 'theirs'].map((of) => median(rows.map((row) => row[of])));
    const whole = rows.map((row) => row.theirs / row.ours);
    // What a user waits for in a boot is the main thread.
    const ratios = boots ? rows.map((row) => row.theirs / row.main) : whole;
    const speed = median(ratios);
    results[name] = { pagewalk: ours, main: Number(main.toFixed(2)), qemu: theirs, speed: Number(speed.toFixed(3)) };
    const seconds = [ours, main, theirs].map((value) => `${value.toFixed(2)} s`);
    const wide = `±${(50 * spread(ratios)).toFixed(0)} %`;
    cells([name, ...seconds, speed.toFixed(2), median(whole).toFixed(2), wide]);
  }
  console.log(
    'CPU time, user and system. speed: QEMU’s divided by ours, so 1 is as fast as QEMU; the median of the rounds.',
  );
  console.log('Of a boot it is our main thread’s, which is what one waits for; of all: with our compiling threads.');
  return results;
}

function remember(results, rounds, node) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--', 'emulator', 'bench') !== '';
  const qemu = /version ([\d.]+)/.exec(execFileSync('qemu-system-riscv64', ['--version'], { encoding: 'utf8' }))?.[1];
  const record = {
    commit,
    changed,
    date: new Date().toISOString().slice(0, 10),
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1),
    qemu,
    cpu: os.cpus()[0]?.model,
    rounds,
    results,
  };
  appendFileSync(history, `${JSON.stringify(record)}\n`);
}

process.chdir(root);
tellUsage(import.meta.url);
const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    'no-history': { type: 'boolean' },
  },
});
if (!/^[1-9]\d*$/.test(values.rounds)) refuse(`--rounds ${values.rounds}: it must be a number from 1 on`);
mkdirSync(folder, { recursive: true });
if (!existsSync(path.join(root, 'dist', 'pagewalk.mjs')) || !values.short) await buildAll();
if (values.short) {
  compareChecksums();
} else {
  const results = await compareTimes(Number(values.rounds), values.only?.split(','), values.node);
  if (!values['no-history']) remember(results, Number(values.rounds), values.node);
}
