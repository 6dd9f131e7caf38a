// Bundles what runs outside the tests: the extension, the debug adapter and the command-line tool.
// usage: node scripts/build.mjs [--watch]
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Two kinds of bundle: what VS Code loads (CommonJS) and what Node runs by itself (ES modules). */
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
const program = {
  ...common,
  format: 'esm',
  // CommonJS packages inside an ES module bundle still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
};

const start = ['debug-adapter/start.ts'];
const bundles = (define) => [
  {
    ...common,
    entryPoints: ['extension/extension.ts'],
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    external: ['vscode'],
  },
  { ...program, entryPoints: start, outfile: 'dist/debug-adapter.mjs' },
  { ...program, define, entryPoints: ['debug-adapter/main.ts'], outfile: 'dist/debug-adapter-program.mjs' },
  { ...program, entryPoints: ['debug-adapter/compiler-thread/main.ts'], outfile: 'dist/compiler-thread.mjs' },
  {
    ...program,
    entryPoints: start,
    outfile: 'dist/pagewalk.mjs',
    banner: { js: '#!/usr/bin/env node' },
  },
  { ...program, define, entryPoints: ['cli/main.ts'], outfile: 'dist/pagewalk-program.mjs' },
];

/**
 * Writes the interpreters that need not be generated at each start. Their names have hashes in them: a bundle never takes
 * one that other sources made. Returns what the bundles must know.
 */
async function buildInterpreters() {
  const entryPoints = ['emulator/core/prepared.ts'];
  const { outputFiles } = await build({ ...common, sourcemap: false, entryPoints, format: 'esm', write: false });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { prepareInterpreters } = await import(`data:text/javascript;base64,${code}`);
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  for (const name of readdirSync(path.join(root, 'dist'))) {
    if (/^interpreter-.*\.wasm$/.test(name)) rmSync(path.join(root, 'dist', name));
  }
  const files = {};
  for (const [name, bytes] of prepareInterpreters()) {
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    files[name] = `interpreter-${name}-${hash}.wasm`;
    writeFileSync(path.join(root, 'dist', files[name]), bytes);
  }
  return { BUILT_INTERPRETERS: JSON.stringify(files) };
}

/** Builds all of dist/ that ships. */
export async function buildAll() {
  const all = bundles(await buildInterpreters());
  for (const { outfile } of all) rmSync(path.join(root, outfile), { force: true });
  await Promise.all(all.map((options) => build(options)));
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--watch')) {
    // Generated at each start: what is edited may be the generator.
    for (const options of bundles({})) await (await context({ ...options, logLevel: 'info' })).watch();
  } else {
    await buildAll().catch(() => process.exit(1));
  }
}
