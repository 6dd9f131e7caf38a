// Linux of three ages on machines of both widths: with the built-in SBI, with OpenSBI, with one hart and four.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { findNode, readFdt, writeFdt } from '../../emulator/firmware/fdt.ts';
import { guestFile } from '../support/guests.ts';
import { type BootOptions, boot, firmwareMissing, missing, opensbi } from './boot.ts';

const initrd = 'initramfs.cpio';
const guests = [
  { folder: 'linux-5.10-rv64', initrd, xlen: 64 },
  { folder: 'linux-6.1-rv32', initrd, xlen: 32 },
  { folder: 'linux-6.12-rv64-kaslr', initrd, xlen: 64 },
] as const;
const [linux510, linux61, linux612] = guests;
const debian = { folder: 'linux-6.12-debian', initrd: 'initramfs.cpio.gz' } as const;
const memory = '64M';
/** No source of entropy: the kernel stays where it is linked. */
const plain = 'rv64gc_zicntr_sstc';

function reachesUserSpace(guest: Parameters<typeof boot>[0], options: BootOptions): void {
  const { text, end, unexpected } = boot(guest, { symbols: true, ...options });
  const harts = options.harts ?? 1;
  assert.match(text, /GUEST-MARKER: userspace up/);
  assert.match(text, new RegExp(`smp: Brought up 1 node, ${harts} CPU${harts > 1 ? 's' : ''}\\b`));
  assert.match(text, /reboot: Power down/);
  assert.deepEqual([end.kind, end.code], ['poweroff', 0]);
  assert.deepEqual(unexpected, [], 'every exception is one that the kernel reckons with');
}

for (const guest of guests) {
  describe(`${guest.folder} boots to user space and powers off with code 0`, () => {
    for (const harts of [1, 4]) {
      const many = harts === 1 ? 'one hart' : `${harts} harts`;
      test(`with the built-in SBI on ${many}`, { skip: missing(guest) }, () =>
        reachesUserSpace(guest, { harts, memory }),
      );
      for (const kind of ['dynamic', 'jump'] as const) {
        test(`with OpenSBI's fw_${kind} on ${many}`, { skip: missing(guest) || firmwareMissing() }, () =>
          reachesUserSpace(guest, { harts, memory, firmware: opensbi(guest.xlen, kind) }),
        );
      }
    }
  });
}

describe("Debian's Linux 6.12 boots to user space and powers off with code 0", () => {
  test('with the built-in SBI on four harts', { skip: missing(debian) }, () => reachesUserSpace(debian, { harts: 4 }));
  test("with OpenSBI's fw_dynamic on one hart", { skip: missing(debian) || firmwareMissing() }, () =>
    reachesUserSpace(debian, { firmware: opensbi(64, 'dynamic') }),
  );
  test("with OpenSBI's fw_jump on four harts", { skip: missing(debian) || firmwareMissing() }, () =>
    reachesUserSpace(debian, { harts: 4, firmware: opensbi(64, 'jump') }),
  );
});

describe('the satp writes before user space, by function and hart,', () => {
  const names = (guest: Parameters<typeof boot>[0], options: BootOptions) => {
    const { satp, unexpected } = boot(guest, { memory, symbols: true, ...options });
    assert.deepEqual(unexpected, [], 'every exception is one that the kernel reckons with');
    return satp
      .filter(({ name }) => name !== 'switch_mm' && name !== 'set_mm')
      .map(({ hart, name }) => (hart ? `${name} ${hart}` : name));
  };

  test('of Linux 5.10 are 3, and 2 more for a second hart', { skip: missing(linux510) }, () => {
    const first = ['relocate', 'relocate', 'paging_init'];
    assert.deepEqual(names(linux510, {}), first);
    assert.deepEqual(names(linux510, { harts: 2 }), [...first, 'relocate 1', 'relocate 1']);
  });

  test('of Linux 6.1 on RV32 are 5, and 2 more for a second hart', { skip: missing(linux61) }, () => {
    const first = ['relocate_enable_mmu', 'relocate_enable_mmu', 'paging_init', 'asids_init', 'asids_init'];
    assert.deepEqual(names(linux61, {}), first);
    const second = ['relocate_enable_mmu 1', 'relocate_enable_mmu 1'];
    assert.deepEqual(names(linux61, { harts: 2 }), [...first, ...second]);
  });

  for (const [mmu, tries] of [
    ['sv57', 2],
    ['sv48', 4],
    ['sv39', 4],
  ] as const) {
    test(`of Linux 6.12 on ${mmu} are ${tries} of set_satp_mode and 5`, { skip: missing(linux612) }, () => {
      const tried = new Array<string>(tries).fill('set_satp_mode');
      const rest = ['relocate_enable_mmu', 'relocate_enable_mmu', 'paging_init', 'asids_init', 'asids_init'];
      assert.deepEqual(names(linux612, { mmu, isa: plain }), [...tried, ...rest]);
    });
  }
});

describe('Linux 6.12 with KASLR runs', () => {
  const skip = missing(linux612);
  const tree = 'linux-6.12-rv64-kaslr/virt-kaslr-seed.dtb';
  /** Where the image is: relocate_enable_mmu's second write is its first instruction at a linked address. */
  const base = (options: BootOptions) => {
    const { satp, unexpected } = boot(linux612, { isa: plain, symbols: true, ...options });
    assert.deepEqual(unexpected, [], 'every exception is one that the kernel reckons with');
    return `0x${((satp[3]?.pc ?? 0n) - 0x9cn).toString(16)}`;
  };
  /** This kernel fits into its GiB at 506 places, 2 MiB from one to the next (Linux, setup_vm). */
  const moved = (seed: bigint) => `0x${(0xffffffff80000000n + (seed % 506n) * 0x200000n).toString(16)}`;
  const withSeed = (seed: bigint | undefined, run: (dtb: string) => void) => {
    const fdt = readFdt(readFileSync(guestFile(tree) as string));
    const chosen = findNode(fdt.root, '/chosen')?.properties;
    assert.equal(chosen?.has('kaslr-seed'), true);
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(seed ?? 0n);
    if (seed === undefined) chosen?.delete('kaslr-seed');
    else chosen?.set('kaslr-seed', bytes);
    const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-boots-'));
    try {
      const file = path.join(folder, 'seeded.dtb');
      writeFileSync(file, writeFdt(fdt));
      run(file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test('where its seed in the device tree puts it', { skip }, () => {
    assert.equal(base({ dtb: guestFile(tree) as string, memory: '128M' }), moved(0x0123456789abcdefn));
    withSeed(0x1122334455667788n, (dtb) => assert.equal(base({ dtb, memory: '128M' }), moved(0x1122334455667788n)));
  });

  test('where it is linked without a seed', { skip }, () => {
    withSeed(undefined, (dtb) => assert.equal(base({ dtb, memory: '128M' }), '0xffffffff80000000'));
    assert.equal(base({ memory }), '0xffffffff80000000');
  });
});

describe('a run is the same, to the last register and byte of RAM, whatever the slices it runs in:', () => {
  const same = (guest: Parameters<typeof boot>[0], options: BootOptions, slices: readonly number[]) => {
    const runs = slices.map((slice) => boot(guest, { memory, ...options, slice }));
    const facts = runs.map(({ text, instret, hash }) => ({ text, instret, hash }));
    for (const other of facts) assert.deepEqual(other, facts[0]);
  };

  test('Linux 6.12 on one hart', { skip: missing(linux612) }, () => same(linux612, {}, [1e9, 1e9, 777_777]));
  test('Linux 6.12 on four harts', { skip: missing(linux612) }, () => same(linux612, { harts: 4 }, [1e9, 333_331]));
  test('Linux 5.10 on two harts', { skip: missing(linux510) }, () => same(linux510, { harts: 2 }, [1e7, 1e6 + 3]));
  test('Linux 6.1 on RV32 with OpenSBI on four harts', { skip: missing(linux61) || firmwareMissing() }, () =>
    same(linux61, { harts: 4, firmware: opensbi(32, 'dynamic') }, [1e9, 555_557]),
  );
  test("Debian's Linux 6.12 on one hart", { skip: missing(debian) }, () =>
    same(debian, { memory: '256M' }, [1e7, 3_141_593]),
  );
});
