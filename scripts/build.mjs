// Bundles what runs outside the tests: the extension, the debug adapter and the command-line tool.
// usage: node scripts/build.mjs [--watch]
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Names stay, for stacks in logs.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
};

const extension = {
  ...common,
  entryPoints: ['extension/extension.ts'],
  outfile: 'dist/extension.cjs',
  format: 'cjs',
  external: ['vscode'],
};

/**
 * What Node runs by itself: a few lines by which it starts, and the program, `NAME-program.cjs` beside them, which is a
 * function of `require` and their URL (debug-adapter/start.ts).
 */
const programs = [
  { entry: 'debug-adapter/main.ts', start: 'dist/debug-adapter.cjs' },
  { entry: 'debug-adapter/compiler-thread/main.ts', start: 'dist/compiler-thread.cjs' },
  { entry: 'cli/main.ts', start: 'dist/pagewalk.mjs', banner: '#!/usr/bin/env node\n' },
];
const fileOf = ({ start }) => start.replace(/\.[cm]js$/, '-program.cjs');

const programOptions = ({ entry, ...names }, define) => ({
  ...common,
  entryPoints: [entry],
  outfile: fileOf(names),
  format: 'cjs',
  banner: { js: '(function (require, startUrl) {' },
  footer: { js: '})' },
  define: { ...define, 'import.meta.url': 'startUrl' },
});

const startOptions = ({ start, banner = '' }, define) => {
  const options = { ...common, entryPoints: ['debug-adapter/start.ts'], outfile: start };
  if (start.endsWith('.mjs')) return { ...options, format: 'esm', banner: { js: banner }, define };
  const url = "const startUrl = require('node:url').pathToFileURL(__filename).href;";
  return {
    ...options,
    format: 'cjs',
    banner: { js: banner + url },
    define: { ...define, 'import.meta.url': 'startUrl' },
  };
};

/** Builds a program, and then what starts it, which is told by a hash which program it is (debug-adapter/kept-code.ts). */
export async function buildProgram(program, define = {}) {
  for (const file of [program.start, fileOf(program)]) rmSync(path.resolve(root, file), { force: true });
  await build(programOptions(program, define));
  const hash = createHash('sha256')
    .update(readFileSync(path.resolve(root, fileOf(program))))
    .digest('hex');
  await build(startOptions(program, { PROGRAM_HASH: JSON.stringify(hash.slice(0, 16)) }));
}

/**
 * Writes the interpreters that need not be generated at each start. Their names have hashes in them: a bundle never takes
 * one that other sources made. Returns what the bundles must know.
 */
async function buildInterpreters() {
  const entryPoints = ['emulator/core/prepared.ts'];
  const { outputFiles } = await build({ ...common, sourcemap: false, entryPoints, format: 'esm', write: false });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { prepareInterpreters } = await import(`data:text/javascript;base64,${code}`);
  const files = {};
  for (const [name, bytes] of prepareInterpreters()) {
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    files[name] = `interpreter-${name}-${hash}.wasm`;
    writeFileSync(path.join(root, 'dist', files[name]), bytes);
  }
  return { BUILT_INTERPRETERS: JSON.stringify(files) };
}

/** Takes away what builds have made, this version's and others'. */
function clear() {
  const dist = path.join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) if (/\.([cm]js|map|wasm)$/.test(name)) rmSync(path.join(dist, name));
}

/** Builds all of dist/ that ships. */
export async function buildAll() {
  clear();
  const define = await buildInterpreters();
  await Promise.all([build(extension), ...programs.map((program) => buildProgram(program, define))]);
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--watch')) {
    // Interpreters are generated at each start, as what is edited may be the generator, and what V8 made is not kept.
    const all = [extension, ...programs.flatMap((program) => [programOptions(program, {}), startOptions(program, {})])];
    for (const options of all) await (await context({ ...options, logLevel: 'info' })).watch();
  } else {
    await buildAll().catch(() => process.exit(1));
  }
}
