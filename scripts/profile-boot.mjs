// Where the time of a boot goes: Debian's Linux 6.12 in this process, sampled by V8, with the core's own counts.
// usage: node scripts/profile-boot.mjs [--harts N] [--translate-after N|never] [--firmware FILE]
import { Session } from 'node:inspector';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { guestFinder } from '../bench/linux.mjs';
import { tellUsage } from './usage.mjs';

const root = path.dirname(import.meta.dirname);
process.chdir(root);
tellUsage(import.meta.url);
const { values } = parseArgs({
  options: {
    harts: { type: 'string', default: '1' },
    'translate-after': { type: 'string' },
    firmware: { type: 'string' },
  },
});

async function loadMachine() {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { createMachine } from './emulator/index.ts';
        export { bytesSource, planBoot } from './emulator/loader/index.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** The part of the work that a sample belongs to, from the names on the stack, innermost first. */
function partOf(stack, core) {
  const [{ functionName: name, url }] = stack;
  const inside = (pattern) => stack.some((frame) => pattern.test(frame.functionName));
  if (name === '(garbage collector)') return 'garbage collection';
  if (name === '(idle)' || name === '(program)') return 'other';
  if (url.startsWith('wasm://'))
    return url === core ? 'interpreter and slow paths in generated code' : 'translated code';
  if (inside(/^work$/)) return 'translator';
  if (inside(/^createMachine$/)) return 'making the machine, loading the image';
  if (inside(/^decode$/)) return 'decoding';
  if (inside(/^(fetch|straddle)$/)) return 'fetches in TypeScript';
  if (inside(/^execute$/)) return 'instructions in TypeScript';
  if (inside(/^(load|store)$/)) return 'loads and stores in TypeScript';
  return 'run loop, interrupts, other TypeScript';
}

function summary({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) byId.get(child).parent = node;
  const hits = new Map();
  const add = (map, key, value) => map.set(key, (map.get(key) ?? 0) + value);
  for (const { callFrame, hitCount } of nodes)
    if (callFrame.url.startsWith('wasm://')) add(hits, callFrame.url, hitCount);
  const core = [...hits].sort((a, b) => b[1] - a[1])[0]?.[0];
  const parts = new Map();
  for (const [index, id] of samples.entries()) {
    const stack = [];
    for (let node = byId.get(id); node; node = node.parent) stack.push(node.callFrame);
    add(parts, partOf(stack, core), timeDeltas[index]);
  }
  return [...parts].sort((a, b) => b[1] - a[1]);
}

const guestFile = await guestFinder(root);
const [image, initrd] = ['Image', 'initramfs.cpio.gz'].map((name) => guestFile(`linux-6.12-debian/${name}`));
if (!image || !initrd) throw new Error('the guest linux-6.12-debian is not at hand: see CONTRIBUTING.md');
const { readFileSync } = await import('node:fs');
const { createMachine, bytesSource, planBoot } = await loadMachine();
const session = new Session();
session.connect();
const ask = (method, parameters) =>
  new Promise((resolve, reject) => {
    session.post(method, parameters, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
await ask('Profiler.enable');
await ask('Profiler.setSamplingInterval', { interval: 500 });
await ask('Profiler.start');

const after = values['translate-after'];
const machineOptions = {
  memory: 256n << 20n,
  harts: Number(values.harts),
  isa: 'rv64max',
  mmu: 'sv57',
  counts: true,
  ...(after && { translateAfter: after === 'never' ? after : Number(after) }),
};
const files = {
  program: bytesSource('Image', readFileSync(image)),
  initrd: bytesSource('initramfs.cpio.gz', readFileSync(initrd)),
};
const { firmware } = values;
if (firmware) files.firmware = bytesSource(path.basename(firmware), readFileSync(firmware));
const plan = planBoot(files, { ...machineOptions, firmware: 'auto', append: 'console=ttyS0 earlycon=sbi' });
const machine = createMachine({ ...machineOptions, isa: plan.isa, mmu: plan.mmu }, plan);
while (machine.run(1_000_000).reason === 'limit');

const { profile } = await ask('Profiler.stop');
const parts = summary(profile);
const all = parts.reduce((sum, [, time]) => sum + time, 0);
for (const [part, time] of parts) console.log(`${((100 * time) / all).toFixed(1).padStart(6)} %  ${part}`);
const retired = machine.harts.reduce((sum, { instret }) => sum + Number(instret), 0);
console.log(`${retired.toLocaleString('en').padStart(14)}  instructions`);
for (const [name, count] of Object.entries(machine.counts)) {
  console.log(`${count.toLocaleString('en').padStart(14)}  ${name}`);
}
