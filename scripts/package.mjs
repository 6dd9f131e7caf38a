// Makes the vsix that users install: dist/pagewalk.vsix.
import path from 'node:path';
import { buildAll } from './build.mjs';

const root = path.resolve(import.meta.dirname, '..');
export const vsixPath = path.join(root, 'dist', 'pagewalk.vsix');

/** Builds and packs; the bundles hold every dependency, so node_modules stays out. */
export async function makePackage() {
  await buildAll();
  const { createVSIX } = await import('@vscode/vsce');
  await createVSIX({
    cwd: root,
    packagePath: vsixPath,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
    skipLicense: true,
  });
  return vsixPath;
}

if (process.argv[1] === import.meta.filename) await makePackage();
