// Linux's own drivers on our devices: kernels of three ages boot from a virtio disk.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMachine, type MachineOptions } from '../../emulator/index.ts';
import { planBoot } from '../../emulator/loader/index.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';

interface Guest {
  readonly folder: string;
  readonly disk: string;
  readonly isa: string;
  readonly mmu: MachineOptions['mmu'];
}

const guests: readonly Guest[] = [
  {
    folder: 'linux-5.10-rv64',
    disk: 'disks/disk-rv64.img',
    isa: 'rv64gc_zicntr_sstc',
    mmu: 'sv39',
  },
  { folder: 'linux-6.1-rv32', disk: 'disks/disk-rv32.img', isa: 'rv32gc_zicntr_sstc', mmu: 'sv32' },
  {
    folder: 'linux-6.12-rv64-kaslr',
    disk: 'disks/disk-rv64.img',
    isa: 'rv64gc_zicntr_sstc',
    mmu: 'sv57',
  },
];

/** Boots to the guest's end; its console, what the devices complained of, and how many instructions that took. */
function boot(image: string, disk: string, { isa, mmu }: Guest, append: string, options: Partial<MachineOptions>) {
  const warnings: string[] = [];
  const full = {
    ...{ memory: 64n << 20n, harts: 1, isa, mmu, warn: (line: string) => warnings.push(line) },
    disks: [{ mode: 'cow', source: fileSource(disk) }],
    ...options,
  } as const;
  const plan = planBoot({ program: fileSource(image) }, { ...full, append, firmware: 'auto' });
  const machine = createMachine(full, plan);
  let text = '';
  machine.onConsole((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    return undefined;
  });
  for (let slice = 0; slice < 200; slice += 1) {
    const outcome = machine.run(10_000_000);
    if (outcome.reason === 'ended') {
      const instret = machine.harts.reduce((sum, hart) => sum + hart.instret, 0n);
      return { text, warnings, end: outcome.end, instret };
    }
    assert.equal(outcome.reason, 'limit', text);
  }
  throw new Error(`no end:\n${text}`);
}

describe('Linux boots from a virtio disk', () => {
  for (const guest of guests) {
    for (const harts of [1, 4]) {
      test(`${guest.folder} with ${harts} hart${harts > 1 ? 's' : ''}`, (t) => {
        const [image, disk] = [guestFile(`${guest.folder}/Image`), guestFile(guest.disk)];
        if (!image || !disk) return t.skip(`needs the guest ${guest.folder}: set PAGEWALK_GUESTS`);
        const { text, warnings, end } = boot(image, disk, guest, 'console=ttyS0 root=/dev/vda', { harts });
        assert.match(text, /GUEST-MARKER: userspace up \(disk root\)/);
        assert.match(text, new RegExp(`smp: Brought up 1 node, ${harts} CPU`));
        assert.deepEqual(warnings, []);
        assert.deepEqual([end.kind, end.code], ['poweroff', 0]);
      });
    }
  }

  test('and prints on hvc0, through the virtio console', (t) => {
    const guest = guests[0] as Guest;
    const [image, disk] = [guestFile(`${guest.folder}/Image`), guestFile(guest.disk)];
    if (!image || !disk) return t.skip(`needs the guest ${guest.folder}: set PAGEWALK_GUESTS`);
    const { text } = boot(image, disk, guest, 'console=hvc0 root=/dev/vda', {});
    assert.match(text, /Run \/sbin\/init as init process\s+GUEST-MARKER: userspace up \(disk root\)/);
  });
});
