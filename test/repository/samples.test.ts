// The committed ELFs of the sample kernels are what their sources give, and they run on QEMU.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';

const { elfOf, samples, staleness } = await import(path.resolve('scripts/samples.mjs'));

const lacks = (tool: string) => spawnSync(tool, ['--version']).error !== undefined;

describe('the sample kernels', () => {
  for (const folder of samples() as string[]) {
    test(`${folder} gives the committed ELF, byte by byte`, (t) => {
      if (lacks('riscv64-unknown-elf-gcc')) return t.skip('needs riscv64-unknown-elf-gcc');
      assert.equal(staleness(folder), undefined);
    });

    test(`${folder} powers off with code 0 on QEMU`, (t) => {
      if (lacks('qemu-system-riscv64')) return t.skip('needs qemu-system-riscv64');
      const args = ['-M', 'virt', '-bios', 'none', '-display', 'none', '-serial', 'stdio', '-kernel', elfOf(folder)];
      const run = spawnSync('qemu-system-riscv64', args, { encoding: 'utf8', input: '', timeout: 30_000 });
      assert.equal(run.status, 0, run.stdout + run.stderr);
    });
  }
});
