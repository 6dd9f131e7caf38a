// What V8 made of a program's JavaScript, kept in the user's cache folder from one start to the next. Node 22 could keep it
// by itself; this serves Node 20 too, takes less time than that, and keeps what the way to the first stop needs rather than
// what a long session happened to have last.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import type { Script } from 'node:vm';
import * as zlib from 'node:zlib';

/** Of the program, told by scripts/build.mjs: V8 compares no more of a source than its length. */
declare const PROGRAM_HASH: string | undefined;
const hash = typeof PROGRAM_HASH === 'undefined' ? undefined : PROGRAM_HASH;

/** Milliseconds after which the first stop is reached, or the guest runs. */
const SETTLED = 1000;
const DAY = 86_400_000;
const MONTH = 30 * DAY;
/** Bytes of the whole folder; what one version of all programs keeps on one Node is half of it. */
export const MOST = 32 << 20;

/** V8 trusts what it made, so a checksum stands behind it. Of Node 20.15 and newer; with an older one nothing is kept. */
const { crc32 } = zlib as { crc32?: (bytes: Uint8Array) => number };
const CHECKSUM = 4;

/** Turned off as Node's own cache is. */
const off = hash === undefined || !crc32 || Boolean(process.env.NODE_DISABLE_COMPILE_CACHE);

/** The folder of a user whose home is `home`; undefined where that is none: never one below the folder that is worked in. */
export function cacheFolder(home: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const { LOCALAPPDATA = '', XDG_CACHE_HOME = '' } = env;
  const inHome = (...names: string[]) => path.join(home, ...names);
  const first = (...folders: string[]) => folders.find((folder) => path.isAbsolute(folder));
  if (platform === 'win32') return first(path.join(LOCALAPPDATA, 'pagewalk', 'cache'), inHome('pagewalk', 'cache'));
  if (platform === 'darwin') return first(inHome('Library', 'Caches', 'pagewalk'));
  return first(path.join(XDG_CACHE_HOME, 'pagewalk'), inHome('.cache', 'pagewalk'));
}

/** Empty where nobody knows it. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** The name is that of this program under this V8 with these flags. */
const tag = cachedDataVersionTag();
function fileOf(role: string): string | undefined {
  const folder = cacheFolder(home(), process.env, process.platform);
  return folder && path.join(folder, `${role}.${hash}.${tag.toString(16)}`);
}

/** What was kept of a program in that role; undefined where there is nothing, or not what was written. */
export function keptCode(role: string): Buffer | undefined {
  const file = off ? undefined : fileOf(role);
  return file === undefined ? undefined : readKept(file);
}

/** The code in a file, which counts as used now. */
export function readKept(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const code = bytes.subarray(0, -CHECKSUM);
    if (crc32?.(code) !== bytes.readUInt32LE(code.length)) return undefined;
    const now = new Date();
    if (now.getTime() - statSync(file).mtimeMs > DAY) utimesSync(file, now, now);
    return code;
  } catch {
    return undefined;
  }
}

/** Puts code into a file, at once for whoever reads it meanwhile, and removes others of its folder. Does nothing where it cannot. */
export function writeKept(file: string, code: Uint8Array): void {
  const folder = path.dirname(file);
  const parted = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    const checksum = Buffer.alloc(CHECKSUM);
    checksum.writeUInt32LE(crc32?.(code) ?? 0);
    try {
      writeFileSync(parted, Buffer.concat([code, checksum]));
      renameSync(parted, file);
    } finally {
      rmSync(parted, { force: true });
    }
    forgetOld(folder, path.basename(file));
  } catch {
    // Nothing is kept, or nothing removed.
  }
}

/** What is written here: a role, the program's hash and V8's tag, and of a part the process that writes it. */
const ours = /^[a-z-]+\.[0-9a-f]+\.[0-9a-f]+(\.\d+)?$/;

/**
 * Removes what was not used for a month, and then what was not used for longest until the rest is `MOST` bytes: other builds, other
 * versions of V8. What is still wanted is soon back. Others may do the same, or write, at the same time.
 */
function forgetOld(folder: string, fresh: string): void {
  const found = readdirSync(folder)
    .filter((name) => name !== fresh && ours.test(name))
    .map((name) => ({ name, stats: statSync(path.join(folder, name), { throwIfNoEntry: false }) }))
    .flatMap(({ name, stats }) => (stats?.isFile() ? { name, used: stats.mtimeMs, size: stats.size } : []))
    .sort((a, b) => b.used - a.used);
  let left = MOST - statSync(path.join(folder, fresh)).size;
  for (const { name, used, size } of found) {
    left -= size;
    if (left < 0 || Date.now() - used > MONTH) rmSync(path.join(folder, name), { force: true });
  }
}

/** Keeps what V8 has made of the script by the time that it has settled, or ends well before. */
export function keep(role: string, script: Script): void {
  const file = off ? undefined : fileOf(role);
  if (file === undefined) return;
  const write = () => {
    clearTimeout(timer);
    process.off('exit', writeAtEnd);
    // Flags have changed since, for which it would not be taken.
    if (cachedDataVersionTag() === tag) writeKept(file, script.createCachedData());
  };
  // What has failed at once has not come far.
  const writeAtEnd = (exitCode: number) => exitCode === 0 && write();
  const timer = setTimeout(write, SETTLED).unref();
  process.once('exit', writeAtEnd);
}
