// Bundles what runs outside the tests: the extension, the debug adapter and the command-line tool.
// usage: node scripts/build.mjs [--watch]
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Two kinds of bundle: what VS Code loads (CommonJS) and what Node runs by itself (ES modules). */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
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

const bundles = [
  {
    ...common,
    entryPoints: ['extension/extension.ts'],
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    external: ['vscode'],
  },
  { ...program, entryPoints: ['debug-adapter/main.ts'], outfile: 'dist/debug-adapter.mjs' },
  { ...program, entryPoints: ['debug-adapter/compiler-thread/main.ts'], outfile: 'dist/compiler-thread.mjs' },
  {
    ...program,
    entryPoints: ['cli/main.ts'],
    outfile: 'dist/pagewalk.mjs',
    banner: { js: `#!/usr/bin/env node\n${program.banner.js}` },
  },
];

/** Builds all of dist/ that ships. */
export async function buildAll() {
  for (const { outfile } of bundles) rmSync(path.join(root, outfile), { force: true });
  await Promise.all(bundles.map((options) => build(options)));
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--watch')) {
    for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
  } else {
    await buildAll().catch(() => process.exit(1));
  }
}
