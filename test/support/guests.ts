// The real kernels that tests run against: a folder of files, some packed by xz, in PAGEWALK_GUESTS or beside the repository.

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const cache = path.resolve('.cache', 'guests');

/**
 * The path of a guest's file, such as `linux-5.10-rv64/vmlinux`, unpacked into .cache/guests where it is packed.
 * Undefined where there is no such file: skip the test, and say so.
 */
export function guestFile(name: string): string | undefined {
  const plain = path.resolve(process.env.PAGEWALK_GUESTS ?? '../shared/guests', name);
  if (existsSync(plain)) return plain;
  const packed = `${plain}.xz`;
  if (!existsSync(packed)) return undefined;
  const unpacked = path.join(cache, name);
  if (existsSync(unpacked) && statSync(unpacked).mtimeMs >= statSync(packed).mtimeMs) return unpacked;
  mkdirSync(path.dirname(unpacked), { recursive: true });
  // Under another name first: several tests may unpack at once, and none may see half a file.
  const partial = `${unpacked}.${process.pid}`;
  const file = openSync(partial, 'w');
  const { status } = spawnSync('xz', ['-dc', packed], { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  if (status === 0) renameSync(partial, unpacked);
  else rmSync(partial);
  return status === 0 ? unpacked : undefined;
}
