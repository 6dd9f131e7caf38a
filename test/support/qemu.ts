// QEMU's virt machine as an oracle: it gets the RAM of a bare-metal program as a file, runs it to its power-off, and leaves
// the file as the guest left RAM.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Bytes at a physical address. */
export interface Piece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A part of RAM to look at afterwards. */
export interface Range {
  readonly address: number;
  readonly length: number;
}

const ramBase = 0x8000_0000;

/** Why QEMU cannot be the oracle; undefined where it can. */
export function qemuMissing(): string | undefined {
  const needs = 'needs qemu-system-riscv64 10: node scripts/tools.mjs --install';
  const { error, stdout } = spawnSync('qemu-system-riscv64', ['--version'], { encoding: 'utf8' });
  if (error) return needs;
  return /version 10\./.test(stdout) ? undefined : `${needs} (found ${stdout.split('\n')[0]})`;
}

/**
 * Runs the program at the RAM's base on one hart of `cpu`, or what `more` options of QEMU say; what the ranges hold when it
 * has powered off.
 */
export async function runOnQemu(
  cpu: string,
  memory: number,
  pieces: readonly Piece[],
  ranges: readonly Range[],
  more: readonly string[] = [],
): Promise<Uint8Array[]> {
  const folder = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pagewalk-oracle-'));
  const file = path.join(folder, 'ram');
  const ram = openSync(file, 'w+');
  try {
    ftruncateSync(ram, memory);
    for (const { address, bytes } of pieces) writeSync(ram, bytes, 0, bytes.length, address - ramBase);
    // The 64-bit program knows RV32 too, but forgets to cut some addresses and products of it to 32 bits.
    await qemu(`qemu-system-riscv${cpu.startsWith('rv32') ? 32 : 64}`, [
      ...['-object', `memory-backend-file,id=ram,size=${memory},mem-path=${file},share=on`],
      ...['-M', 'virt,memory-backend=ram', '-m', `${memory / 2 ** 20}M`, '-cpu', cpu, '-bios', 'none'],
      ...more,
      ...['-display', 'none', '-serial', 'none', '-monitor', 'none'],
    ]);
    return ranges.map(({ address, length }) => {
      const bytes = new Uint8Array(length);
      readSync(ram, bytes, 0, length, address - ramBase);
      return bytes;
    });
  } finally {
    closeSync(ram);
    rmSync(folder, { recursive: true, force: true });
  }
}

function qemu(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else
        reject(
          new Error(`${command} ${code === null ? `was ended by ${signal}` : `ended with ${code}`}: ${complaint}`),
        );
    });
  });
}
