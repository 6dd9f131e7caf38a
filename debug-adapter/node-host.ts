// The host in Node: files by descriptor, so that a 300 MB vmlinux is never read whole.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'node:zlib';
import { decompress } from 'fzstd';
import type { WritableSource } from '../emulator/index.ts';
import { UserError } from '../emulator/user-error.ts';
import { compilerThread } from './compiler-thread/threads.ts';
import type { Host } from './host.ts';

/** Descriptors are closed when their source is no longer used by anyone. */
const descriptors = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

export const nodeHost: Host = {
  open: (file) => openFile(file, 'r'),
  openWritable: (file) => openFile(file, 'r+'),
  exists: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
  resolve: (base, file) => path.resolve(base, file),
  folder: (file) => path.dirname(file),
  stamp(file) {
    const facts = statSync(file, { throwIfNoEntry: false, bigint: true });
    return facts && `${facts.mtimeNs}:${facts.size}:${facts.ino}`;
  },
  files(folder) {
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort();
    } catch {
      return [];
    }
  },
  inflate,
  regionCompiler: () => compilerThread(),
  interpreter: builtInterpreter,
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  log: (text) => process.stderr.write(`${text}\n`),
};

/** Files beside the bundle, by the name of the interpreter: scripts/build.mjs tells. */
declare const BUILT_INTERPRETERS: Readonly<Record<string, string>> | undefined;

function builtInterpreter(name: string): Uint8Array<ArrayBuffer> | undefined {
  const file = typeof BUILT_INTERPRETERS === 'undefined' ? undefined : BUILT_INTERPRETERS[name];
  const url = file && new URL(file, import.meta.url);
  return url && existsSync(url) ? new Uint8Array(readFileSync(url)) : undefined;
}

/** The first bytes of zstd's frames (RFC 8878, section 3.1.1). */
const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

/** zlib and gzip by Node itself, zstd by a library: Node 20 has none. */
export function inflate(bytes: Uint8Array): Uint8Array {
  return zstdMagic.every((byte, i) => bytes[i] === byte) ? decompress(bytes) : unzipSync(bytes);
}

function openFile(file: string, flags: 'r' | 'r+'): WritableSource {
  if (!existsSync(file)) throw new UserError(`${file}: no such file.`);
  let descriptor: number;
  try {
    descriptor = openSync(file, flags);
  } catch (error) {
    throw new UserError(
      `${file}: cannot be ${flags === 'r' ? 'read' : 'written'} (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  const facts = fstatSync(descriptor);
  if (!facts.isFile()) {
    closeSync(descriptor);
    throw new UserError(`${file}: is not a file.`);
  }
  const source: WritableSource = {
    name: file,
    size: facts.size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, facts.size - offset)));
      return bytes.subarray(0, this.readInto(offset, bytes));
    },
    readInto(offset, target) {
      let filled = 0;
      while (filled < target.length) {
        const got = readSync(descriptor, target, filled, target.length - filled, offset + filled);
        if (got === 0) break;
        filled += got;
      }
      return filled;
    },
    write(offset, bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
      }
    },
    flush: () => fsyncSync(descriptor),
  };
  descriptors.register(source, descriptor);
  return source;
}
