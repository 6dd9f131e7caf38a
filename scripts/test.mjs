// The whole check, as `npm test` and CI run it: dependencies, tools, types, style, tests, the editor, the benchmark's
// checksums. Ends with one line, `N passed, N failed, N skipped`. With CI=true a skipped test is a failure.
// usage: node scripts/test.mjs [STEP …]      steps: see below; default all
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const minute = 60_000;

/** Each is a program of its own. `counts`: it ends with a line of counts itself, else it counts as one test. */
const steps = [
  { name: 'types', command: ['node_modules/.bin/tsc', '-b'], minutes: 3 },
  { name: 'style', command: ['node_modules/.bin/biome', 'ci', '--colors=off', '.'], minutes: 2 },
  { name: 'build', command: [process.execPath, 'scripts/build.mjs'], minutes: 2 },
  {
    // Also the grammars' tests use it.
    name: 'editor',
    command: [process.execPath, '-e', "import('./scripts/workbench/install.mjs').then((it) => it.ensureWorkbench())"],
    minutes: 8,
  },
  { name: 'unit', command: [process.execPath, 'scripts/unit.mjs'], minutes: 25, counts: true },
  { name: 'host', command: [process.execPath, 'scripts/test-host.mjs'], minutes: 15, counts: true },
  { name: 'bench', command: [process.execPath, 'scripts/bench.mjs', '--short'], minutes: 6, counts: true },
];

/** Runs a program, passing on what it prints; returns its exit code and its lines. */
function run([file, ...args], minutes) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), minutes * minute);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
      process.stdout.write(part);
    });
    child.on('error', (error) => {
      console.error(error.message);
      resolve({ code: 1, lines: [] });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === null) console.log(`stopped after ${minutes} minutes`);
      resolve({ code: code ?? 1, lines: text.split('\n') });
    });
  });
}

/** What a step's last line of counts says; a step that dies without one has failed once. */
function countsOf(step, { code, lines }) {
  const ok = code === 0;
  if (!step.counts) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  const line = lines.findLast((text) => /^\d+ passed, \d+ failed, \d+ skipped$/.test(text));
  const [passed, failed, skipped] = line?.match(/\d+/g)?.map(Number) ?? [0, 1, 0];
  return { passed, failed: ok ? failed : Math.max(1, failed), skipped };
}

process.chdir(root);
if (!existsSync('node_modules')) {
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  if (npm.status !== 0) throw new Error('npm ci failed: the dependencies cannot be installed');
}
const { ensureTools } = await import('./tools.mjs');
for (const { name } of ensureTools()) console.log(`missing: ${name}`);

const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
for (const step of steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n=== ${step.name}`);
  const start = Date.now();
  const result = await run(step.command, step.minutes);
  const counts = countsOf(step, result);
  for (const key of Object.keys(total)) total[key] += counts[key];
  skips.push(...result.lines.filter((line) => line.startsWith('skipped: ')));
  console.log(`=== ${step.name}: ${counts.failed ? 'FAILED' : 'ok'}, ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

console.log('');
for (const line of skips) console.log(line);
const strict = process.env.CI === 'true';
if (strict && total.skipped > 0) console.log('With CI=true nothing may be skipped.');
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || (strict && total.skipped > 0) ? 1 : 0;
