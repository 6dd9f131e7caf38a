// What a debug session costs: the same guest by `pagewalk run` and under the debug adapter, launched over DAP without breakpoints,
// in turns; CPU time of the main thread. `watched`: a client that asks for the log of MMU events over and over, as the view does.
// usage: node scripts/bench-debugging.mjs session [--rounds 5] [--only NAME]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { guestFinder } from './linux.mjs';
import { buildProgram, programs } from './programs.mjs';

const root = path.dirname(import.meta.dirname);
const measured = path.join(os.tmpdir(), `pagewalk-session-${process.pid}`);
const ON_MAIN_THREAD = { ...process.env, PAGEWALK_MAIN_THREAD: measured };
const preload = ['--import', path.join(import.meta.dirname, 'main-thread.mjs')];

function start(args, stdin) {
  return spawn(process.execPath, [...preload, ...args], { env: ON_MAIN_THREAD, stdio: [stdin, 'pipe', 'inherit'] });
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (code) reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`));
      else resolve(Number(readFileSync(measured, 'utf8')));
    });
  });
}

function run({ program, initrd, append }) {
  const linux = initrd ? ['--initrd', initrd, '--append', append] : [];
  const child = start([path.join(root, 'dist', 'pagewalk.mjs'), 'run', program, ...linux], 'ignore');
  child.stdout.resume();
  return ended(child);
}

/** Runs a guest to its end with the exception filters that are on by default and stop at nothing in it. */
function session(guest, watched) {
  const child = start([path.join(root, 'dist', 'debug-adapter.cjs')], 'pipe');
  let seq = 0;
  const say = (command, given = {}) => {
    seq += 1;
    const body = JSON.stringify({ seq, type: 'request', command, arguments: given });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  let asking;
  const answer = (message) => {
    if (message.success === false) throw new Error(JSON.stringify(message));
    const what = message.command ?? message.event;
    if (what === 'initialize') say('launch', { ...guest, stopOnEntry: false });
    if (what === 'initialized') {
      say('setExceptionBreakpoints', { filters: ['satp-preflight', 'trap-unexpected', 'trap-loop', 'kernel-panic'] });
    }
    if (what === 'setExceptionBreakpoints') say('configurationDone');
    if (what === 'configurationDone' && watched)
      asking = setInterval(() => say('pagewalk/events', { latest: 500 }), 100);
    if (what === 'stopped') say('continue', { threadId: 1 });
    if (what === 'terminated') {
      clearInterval(asking);
      say('disconnect');
    }
    if (what === 'disconnect') child.stdin.end();
  };
  let buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n');
      const end = head + 4 + Number(/Content-Length: (\d+)/.exec(buffer.toString('latin1', 0, Math.max(0, head)))?.[1]);
      if (head < 0 || !(buffer.length >= end)) return;
      const message = JSON.parse(buffer.toString('utf8', head + 4, end));
      buffer = buffer.subarray(end);
      answer(message);
    }
  });
  say('initialize', { adapterID: 'pagewalk', linesStartAt1: true });
  return ended(child);
}

async function guests() {
  const guestFile = await guestFinder(root);
  const image = guestFile('linux-6.12-debian/Image');
  const program = (name, loops) => ({
    name,
    program: buildProgram(
      programs.find((one) => one.name === name),
      path.join(root, '.cache', 'bench'),
      loops,
    ),
  });
  const initrd = guestFile('linux-6.12-debian/initramfs.cpio.gz');
  const linux = { name: 'linux-boot', program: image, initrd, append: 'console=ttyS0 earlycon=sbi' };
  return [
    ...(image && initrd ? [linux] : []),
    program('system-calls', 5000),
    program('sbi-calls', 5000),
    program('context-switches', 50),
    program('page-faults', 2000),
  ];
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export async function benchSessions(args) {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
  });
  for (const { name, ...guest } of (await guests()).filter((one) => !values.only || one.name === values.only)) {
    const rows = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const [plain, debugged, watched] = [await run(guest), await session(guest, false), await session(guest, true)];
      rows.push({ plain, debugged: debugged / plain, watched: watched / plain });
      const figures = [plain, debugged, watched].map((seconds) => seconds.toFixed(2));
      console.log(`${name}: run ${figures[0]} s, session ${figures[1]} s, with the log asked for ${figures[2]} s`);
    }
    const ratio = (of) => median(rows.map((row) => row[of])).toFixed(3);
    console.log(`${name}: medians ${ratio('debugged')} and ${ratio('watched')} of the run\n`);
  }
}
