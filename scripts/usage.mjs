// What scripts answer to `--help`: the usage that is told at their beginnings.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The comment from `usage:` on; `script` is a file URL. */
export function usageOf(script) {
  const lines = readFileSync(fileURLToPath(script), 'utf8').split('\n');
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  const told = comment.slice(comment.findIndex((line) => line.startsWith('// usage: ')));
  return told.map((line) => line.slice('// '.length)).join('\n');
}

/** Tells it and ends, where it is asked for. */
export function tellUsage(script) {
  if (!process.argv.includes('--help')) return;
  console.log(usageOf(script));
  process.exit(0);
}
