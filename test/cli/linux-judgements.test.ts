// Real kernels have no unexplained finding, early or late, and no trap that is called unexpected; the explanations are in
// docs/lint.md. scripts/judge-linux.mjs does the same with every guest and mode.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { pagewalk } from './binary.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-linux-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface GuestCase {
  readonly name: string;
  readonly initrd: string;
  readonly options?: readonly string[];
  /** A device tree that its folder has. */
  readonly dtb?: string;
  /** Writes of satp after which the map is judged. */
  readonly writes: readonly number[];
}

const guests: readonly GuestCase[] = [
  { name: 'linux-5.10-rv64', initrd: 'initramfs.cpio', writes: [1, 2, 3] },
  { name: 'linux-6.1-rv32', initrd: 'initramfs.cpio', options: ['--isa', 'rv32max'], writes: [1, 2, 3] },
  {
    name: 'linux-6.12-rv64-kaslr',
    initrd: 'initramfs.cpio',
    options: ['--memory', '128M'],
    dtb: 'virt-kaslr-seed.dtb',
    writes: [3, 4, 5],
  },
];

for (const { name, initrd, options = [], dtb, writes } of guests) {
  const file = (part: string) => guestFile(`${name}/${part}`);
  const [image, vmlinux, ram, tree] = [file('Image'), file('vmlinux'), file(initrd), dtb && file(dtb)];
  const skip = image && vmlinux && ram && (!dtb || tree) ? false : `needs the guest ${name} (PAGEWALK_GUESTS)`;
  const linux = [
    image as string,
    ...['--symbols', vmlinux as string, '--initrd', ram as string, '--append', 'console=ttyS0 earlycon=sbi'],
    ...(tree ? ['--dtb', tree] : []),
    ...options,
  ];

  describe(name, { skip }, () => {
    test('has no unexplained finding in its early maps, its own and its final one', () => {
      const check = path.join(folder, `${name}.check`);
      const points = [...writes.map((write) => `satp:${write}`), 'end'];
      writeFileSync(check, points.map((point) => `no findings at ${point}\n`).join(''));
      const { stdout, status, stderr } = pagewalk(['check', check, ...linux]);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, new RegExp(`${points.length} passed, 0 failed, 0 skipped`));
    });

    test('takes no trap that is unexpected, and every satp write is green', () => {
      const explained = pagewalk(['explain', ...linux]);
      assert.deepEqual([explained.stdout, explained.status], ['no unexpected trap\n', 0]);
      const judged = pagewalk(['preflight', ...linux, '--until', 'Run /init']);
      assert.deepEqual([...new Set(judged.stdout.match(/^(green|yellow|red)/gm))], ['green'], judged.stdout);
      assert.equal(judged.status, 0);
    });
  });
}
