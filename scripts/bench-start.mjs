// How long a user waits for the first stop: from the debug adapter's process start until the sample kernel stands at its
// first instruction, as an editor asks for it.
// usage: node scripts/bench-start.mjs [--rounds N] [--node PATH[,PATH…]] [ADAPTER…]
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll } from './build.mjs';
import { tellUsage } from './usage.mjs';

const root = path.dirname(import.meta.dirname);
const program = path.join(root, 'samples', 'first-light', 'first-light.elf');

/** Milliseconds that the process's first thread has been on a CPU, and all of its threads. */
function cpuTimes(pid) {
  const [onCpu] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { main: Number(onCpu) / 1e6, all: 10 * (Number(fields[11]) + Number(fields[12])) };
}

/** Certificates that a computer adds are not ours: Node 20 reads them at every start. */
const { NODE_EXTRA_CA_CERTS, ...env } = process.env;

/** Runs a program of Node until it has said `until`, and to its end; `talk` answers what it says. */
function measure(node, args, until, talk = () => undefined) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    let text = '';
    let times;
    child.on('exit', () => {
      if (times) resolve(times);
      else reject(new Error(`${args.join(' ')} ended before it said ${until}`));
    });
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes(until)) {
        const wall = performance.now() - start;
        times ??= { wall, ...cpuTimes(child.pid) };
        child.stdin.end();
      } else talk(child.stdin, text);
    });
    talk(child.stdin, text);
  });
}

/** What an editor says, each in its turn. */
function editor() {
  let seq = 0;
  const turns = [
    ['', 'initialize', { adapterID: 'pagewalk', clientID: 'vscode', linesStartAt1: true }],
    ['"command":"initialize"', 'launch', { program, stopOnEntry: true }],
    [
      '"event":"initialized"',
      'setExceptionBreakpoints',
      { filters: ['trap-unexpected', 'satp-preflight', 'kernel-panic'] },
    ],
    ['"command":"setExceptionBreakpoints"', 'configurationDone', {}],
  ];
  return (stdin, text) => {
    while (turns[seq] && text.includes(turns[seq][0])) {
      const [, command, given] = turns[seq];
      seq += 1;
      const body = JSON.stringify({ seq, type: 'request', command, arguments: given });
      stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    }
  };
}

tellUsage(import.meta.url);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '11' }, node: { type: 'string', default: process.execPath } },
});
if (!positionals.length) await buildAll();
const adapters = positionals.length ? positionals : [path.join(root, 'dist', 'debug-adapter.cjs')];
const version = (node) => execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
const cases = values.node.split(',').flatMap((node) => [
  {
    name: `Node ${version(node)} alone`,
    run: () => measure(node, ['-e', 'console.log("here");process.stdin.resume()'], 'here'),
  },
  ...adapters.map((adapter) => ({
    name: path.relative(root, adapter) + (values.node.includes(',') ? ` on ${version(node)}` : ''),
    run: () => measure(node, [adapter], '"event":"stopped"', editor()),
  })),
]);
// What V8 makes is kept by the first start for those that follow.
for (const { run } of cases) await run();
const times = new Map(cases.map(({ name }) => [name, []]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const { name, run } of cases) times.get(name).push(await run());
}
const column = (name) => `${name} ms, median (least)`.padStart(30);
console.log(`${''.padEnd(40)}${['wall', 'main thread', 'all threads'].map(column).join('')}`);
for (const [name, rows] of times) {
  const cells = ['wall', 'main', 'all'].map((of) => {
    const sorted = rows.map((row) => row[of]).sort((a, b) => a - b);
    return `${sorted[sorted.length >> 1].toFixed(0)} (${sorted[0].toFixed(0)})`.padStart(30);
  });
  console.log(`${name.slice(-39).padEnd(40)}${cells.join('')}`);
}
