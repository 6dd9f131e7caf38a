// What V8 made of a program's JavaScript, kept in the user's cache folder from one start to the next. Node 22 could keep it
// by itself; this serves Node 20 too, takes less time than that, and keeps what the way to the first stop needs rather than
// what a long session happened to have last.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import type { Script } from 'node:vm';
import * as zlib from 'node:zlib';

/** Of the program, told by scripts/build.mjs: V8 compares no more of a source than its length. */
declare const PROGRAM_HASH: string | undefined;
const hash = typeof PROGRAM_HASH === 'undefined' ? undefined : PROGRAM_HASH;

/** Milliseconds after which the first stop is reached, or the guest runs. */
const SETTLED = 1000;
const MONTH = 30 * 86_400_000;

/** V8 trusts what it made, so a checksum stands behind it. Of Node 20.15 and newer; with an older one nothing is kept. */
const { crc32 } = zlib as { crc32?: (bytes: Uint8Array) => number };
const CHECKSUM = 4;

/** Turned off as Node's own cache is. */
const off = hash === undefined || !crc32 || Boolean(process.env.NODE_DISABLE_COMPILE_CACHE);

function cacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME, HOME = '', USERPROFILE = '' } = process.env;
  if (process.platform === 'win32') return path.join(LOCALAPPDATA || USERPROFILE, 'pagewalk', 'cache');
  if (process.platform === 'darwin') return path.join(HOME, 'Library', 'Caches', 'pagewalk');
  return path.join(XDG_CACHE_HOME || path.join(HOME, '.cache'), 'pagewalk');
}

/** The name is that of this program under this V8 with these flags. */
const tag = cachedDataVersionTag();
const fileOf = (role: string) => path.join(cacheFolder(), `${role}.${hash}.${tag.toString(16)}`);

/** What was kept of a program in that role; undefined where there is nothing, or not what was written. */
export function keptCode(role: string): Buffer | undefined {
  if (off) return undefined;
  try {
    const file = readFileSync(fileOf(role));
    const code = file.subarray(0, -CHECKSUM);
    return crc32(code) === file.readUInt32LE(code.length) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what was kept of other builds, or for another V8; what is still in use is soon back. */
function forgetOld(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (name.startsWith(prefix) && Date.now() - statSync(file).mtimeMs > MONTH) rmSync(file);
  }
}

/** Keeps what V8 has made of the script by the time that it has settled, or ends well before. Does nothing where it cannot. */
export function keep(role: string, script: Script): void {
  if (off) return;
  const file = fileOf(role);
  const write = () => {
    clearTimeout(timer);
    process.off('exit', writeAtEnd);
    // Flags have changed since, for which it would not be taken.
    if (cachedDataVersionTag() !== tag) return;
    const parted = `${file}.${process.pid}`;
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      forgetOld(path.dirname(file), `${role}.`);
      const code = script.createCachedData();
      const checksum = Buffer.alloc(CHECKSUM);
      checksum.writeUInt32LE(crc32(code));
      writeFileSync(parted, Buffer.concat([code, checksum]));
      renameSync(parted, file);
    } catch {
      // Nothing is kept; a part of a file goes with the old ones.
    }
  };
  // What has failed at once has not come far.
  const writeAtEnd = (exitCode: number) => exitCode === 0 && write();
  const timer = setTimeout(write, SETTLED).unref();
  process.once('exit', writeAtEnd);
}
