// Starts the program beside this file, `NAME-program.mjs` of `NAME.mjs`, with what V8 made of it the last time: a fifth of
// the time until the first stop goes into compiling JavaScript. Node 20 cannot keep that; there it is compiled each time.

import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

/** Of Node 22 and newer; it fails silently where the folder cannot be written. */
interface KeepsCompiledCode {
  enableCompileCache?(folder: string): unknown;
}

function cacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === 'win32' && LOCALAPPDATA) return path.join(LOCALAPPDATA, 'pagewalk', 'cache');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'pagewalk');
  return path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pagewalk');
}

(module as KeepsCompiledCode).enableCompileCache?.(cacheFolder());
await import(import.meta.url.replace(/\.mjs$/, '-program.mjs'));
