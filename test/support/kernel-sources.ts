// Sources of the guests' kernels: single files out of their archives.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { guestFile } from './guests.ts';

/** The folder that holds `files` of the kernel's sources, such as `init/main.c`; undefined where there are no archives. */
export function kernelSources(
  version: '5.10.262' | '6.1.192' | '6.12.107',
  files: readonly string[],
): string | undefined {
  const archive = guestFile(`sources/source-${version}.tar`);
  if (!archive) return undefined;
  const top = `linux-source-${version.startsWith('5') ? version : version.replace(/\.\d+$/, '')}`;
  const folder = path.resolve('.cache', 'sources');
  const wanted = files.filter((file) => !existsSync(path.join(folder, top, file)));
  if (wanted.length > 0) {
    mkdirSync(folder, { recursive: true });
    const names = wanted.map((file) => `${top}/${file}`);
    const { status } = spawnSync('tar', ['-xf', archive, '-C', folder, ...names], { stdio: 'inherit' });
    if (status !== 0) return undefined;
  }
  return path.join(folder, top);
}

/** The first line of a file that holds `text`, from 1. */
export function lineWith(file: string, text: string): number {
  const index = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`${file} has no line with ${text}`);
  return index + 1;
}
