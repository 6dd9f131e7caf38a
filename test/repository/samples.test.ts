// The committed ELFs of the sample kernels are what their sources give, and those that are sound run on QEMU.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';

const { elfsOf, samples, staleness } = await import(path.resolve('scripts/samples.mjs'));

const lacks = (tool: string) => spawnSync(tool, ['--version']).error !== undefined;

/** The hart that a kernel is for; QEMU's maximum has the memory types and NAPOT pages that some use. */
const cpu = (elf: string) => (elf.includes('accessed-bit') ? 'rv64,svadu=off,svade=on' : 'max');

describe('the sample kernels', () => {
  for (const folder of samples() as string[]) {
    test(`${folder} gives the committed ELFs, byte by byte`, (t) => {
      if (lacks('riscv64-unknown-elf-gcc')) return t.skip('needs riscv64-unknown-elf-gcc');
      assert.equal(staleness(folder), undefined);
    });

    const sound = (elfsOf(folder) as string[]).filter((elf) => path.basename(elf) !== 'bug.elf');
    assert.notEqual(sound.length, 0, `${folder} has no ELF`);
    for (const elf of sound) {
      test(`${elf} powers off with code 0 on QEMU`, (t) => {
        if (lacks('qemu-system-riscv64')) return t.skip('needs qemu-system-riscv64');
        const args = ['-M', 'virt', '-cpu', cpu(elf), '-bios', 'none', '-display', 'none', '-serial', 'stdio'];
        const options = { encoding: 'utf8', input: '', timeout: 30_000 } as const;
        const run = spawnSync('qemu-system-riscv64', [...args, '-kernel', elf], options);
        assert.equal(run.status, 0, run.stdout + run.stderr);
      });
    }
  }
});
