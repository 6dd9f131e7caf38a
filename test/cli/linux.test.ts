// Debian's Linux 6.12, unmodified: its satp writes in every paging mode, its maps, its shell.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { jsonLines, pagewalk } from './binary.ts';

const image = guestFile('linux-6.12-debian/Image');
const initrd = guestFile('linux-6.12-debian/initramfs.cpio.gz');
const vmlinux = guestFile('linux-6.12-debian/vmlinux');
const ready = image && initrd && vmlinux;
const skip = ready ? false : 'needs the Linux 6.12 guest (PAGEWALK_GUESTS)';

/** The guest's options. Symbols come from the vmlinux, also where it is not beside the Image. */
const linux = (append = '', ...more: string[]): string[] => [
  image as string,
  ...['--initrd', initrd as string, '--symbols', vmlinux as string],
  ...['--append', `console=ttyS0 earlycon=sbi ${append}`.trim(), ...more],
];

// Where the three roots of this very build lie, as page numbers.
const [early, trampoline, swapper] = [0x81005n, 0x81fc9n, 0x81fcan];
const modes: Record<string, bigint> = { sv39: 8n, sv48: 9n, sv57: 10n };

const hex64 = (value: bigint) => `0x${value.toString(16).padStart(16, '0')}`;
const satp = (mode: string, ppn: bigint, asid = 0n) => hex64(((modes[mode] as bigint) << 60n) | (asid << 44n) | ppn);
const bare = hex64(0n);

interface Row {
  readonly symbol: string;
  readonly written: string;
  readonly before: string;
  readonly after: string;
}

/** The rows as far as the boot hart has finished with satp, user space not yet begun. */
function bootRows(hardware: string, append: string, harts = 1): Row[] {
  const until = harts > 1 ? 'smp: Brought up' : 'smp: Bringing up secondary';
  const machine = ['--memory', '4G', '--mmu', hardware, '--harts', String(harts)];
  const rows = jsonLines(['satp', ...linux(append, ...machine, '--until', until)]);
  return rows.map(({ symbol, written, before, after }) => ({
    symbol: String(symbol).replace(/\+.*/, ''),
    written: String(written),
    before: String(before),
    after: String(after),
  }));
}

/** What set_satp_mode does to try a mode: writes it and swaps it out again. */
function probe(mode: string, taken: boolean): Row[] {
  const tried = satp(mode, early);
  const held = taken ? tried : bare;
  return [
    { symbol: 'set_satp_mode', written: tried, before: bare, after: held },
    { symbol: 'set_satp_mode', written: bare, before: held, after: bare },
  ];
}

/** What follows once the mode is chosen. */
function settled(mode: string): Row[] {
  const write = (symbol: string, before: string, after: string): Row => ({ symbol, written: after, before, after });
  const final = satp(mode, swapper);
  const asids = satp(mode, swapper, 0xffffn);
  return [
    write('relocate_enable_mmu', bare, satp(mode, trampoline)),
    write('relocate_enable_mmu', satp(mode, trampoline), satp(mode, early)),
    write('paging_init', satp(mode, early), final),
    write('asids_init', final, asids),
    write('asids_init', asids, final),
  ];
}

describe('the satp writes of Linux 6.12 before user space', { skip }, () => {
  test('are 7 on Sv57 hardware: Sv57 is tried and kept', () => {
    assert.deepEqual(bootRows('sv57', ''), [...probe('sv57', true), ...settled('sv57')]);
  });

  test('are 9 on Sv48 hardware: Sv57 is ignored, Sv48 is kept', () => {
    assert.deepEqual(bootRows('sv48', ''), [...probe('sv57', false), ...probe('sv48', true), ...settled('sv48')]);
  });

  test('are 9 on Sv39 hardware: Sv57 and Sv48 are ignored', () => {
    assert.deepEqual(bootRows('sv39', ''), [...probe('sv57', false), ...probe('sv48', false), ...settled('sv39')]);
  });

  test('are 7 with no5lvl: only Sv48 is tried', () => {
    assert.deepEqual(bootRows('sv57', 'no5lvl'), [...probe('sv48', true), ...settled('sv48')]);
  });

  test('are 5 with no4lvl: nothing is tried', () => {
    assert.deepEqual(bootRows('sv57', 'no4lvl'), settled('sv39'));
  });

  test('are two more for each further hart: trampoline_pg_dir, then swapper_pg_dir', () => {
    const rows = bootRows('sv39', 'no4lvl', 3).slice(5);
    const [first, second] = [satp('sv39', trampoline), satp('sv39', swapper)];
    assert.deepEqual(
      rows.map(({ symbol, after }) => [symbol, after]),
      Array.from({ length: 2 }, () => [
        ['relocate_enable_mmu', first],
        ['relocate_enable_mmu', second],
      ]).flat(),
    );
  });
});

describe("Linux 6.12's map just after paging_init's write, with 4 GB", { skip }, () => {
  const map = (hardware: string, point: string) =>
    jsonLines(['map', ...linux('', '--memory', '4G', '--mmu', hardware, '--at', point)]).map((row) => ({
      va: BigInt(row.va as string),
      pa: BigInt(row.pa as string),
      size: row.size as number,
      pageSize: row.pageSize as number,
      permissions: row.permissions as string,
      region: row.region as string,
    }));
  const MiB = 1 << 20;

  test('Sv39: text R-X and data RW- by 2 MB leaves, the alias of text read-only, the rest of RAM by 2 MB leaves', () => {
    const rows = map('sv39', 'satp:7');
    const at = (va: bigint) => rows.find((row) => row.va === va);
    const direct = 0xffffffd600000000n;
    const shape = (va: bigint) => {
      const row = at(va);
      return row && [row.pa, row.size / MiB, row.pageSize / MiB, row.permissions];
    };
    assert.deepEqual(shape(0xffffffff80000000n), [0x80200000n, 14, 2, 'R-X']);
    assert.deepEqual(shape(0xffffffff80e00000n), [0x81000000n, 18, 2, 'RW-']);
    assert.deepEqual(shape(direct), [0x80000000n, 2, 2, 'RW-']);
    assert.deepEqual(shape(direct + 0x200000n), [0x80200000n, 14, 2, 'R--']);
    assert.deepEqual([at(direct + 0x1000000n)?.pa, at(direct + 0x1000000n)?.pageSize], [0x81000000n, 2 * MiB]);
    assert.equal(
      rows.some(({ pageSize }) => pageSize > 2 * MiB),
      false,
    );
    assert.equal(
      rows.some(({ permissions }) => permissions === 'RWX'),
      false,
    );
  });

  test('Sv57: the linear map has 1 GB leaves at 0xc0000000 and above', () => {
    const giant = map('sv57', 'satp:5').filter(({ pageSize }) => pageSize === 1 << 30);
    assert.equal(giant[0]?.pa, 0xc0000000n);
    assert.equal(giant[0]?.va, 0xff60000040000000n);
  });
});

describe('Linux 6.12 boots', { skip }, () => {
  test('to its init and powers off with code 0, twice with the identical trace', () => {
    const trace = () => pagewalk(['satp', ...linux('', '--format', 'json')]);
    const [first, second] = [trace(), trace()];
    assert.deepEqual([first.status, first.stderr], [0, '']);
    assert.ok(first.stdout.split('\n').length > 15, 'user space switches address spaces');
    assert.equal(second.stdout, first.stdout);
  });

  test('to a busybox shell that reads its commands from a pipe', () => {
    const commands = '/bin/busybox echo sum is $((40 + 2))\n/bin/busybox poweroff -f\n';
    const { status, stdout } = pagewalk(['run', ...linux('rdinit=/bin/busybox -- sh')], commands);
    assert.match(stdout, /\nsum is 42\r\n/);
    assert.match(stdout, /reboot: Power down/);
    assert.equal(status, 0);
  });

  test('and panics without a root file system: exit code 1', () => {
    const { status, stdout, stderr } = pagewalk(['run', image as string, '--append', 'console=ttyS0']);
    assert.match(stdout, /Kernel panic - not syncing: VFS: Unable to mount root fs/);
    assert.deepEqual([status, stderr], [1, 'pagewalk: the kernel panicked\n']);
  });
});
