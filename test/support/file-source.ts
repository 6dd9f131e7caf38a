// A file as the pure rooms read it.

import { openSync, readSync, statSync } from 'node:fs';
import type { ByteSource } from '../../emulator/loader/index.ts';

export function fileSource(file: string): ByteSource {
  const descriptor = openSync(file, 'r');
  const { size } = statSync(file);
  return {
    name: file,
    size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      return bytes.subarray(0, this.readInto(offset, bytes));
    },
    readInto: (offset, target) => readSync(descriptor, target, 0, target.length, offset),
  };
}
