// A kernel of the teaching kind, in M-mode from 0x80000000 on, runs on our machine as on QEMU's virt.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createMachine, type MachineOptions } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { pagewalk } from '../cli/binary.ts';
import { stateHash } from '../emulator/sample.ts';
import { qemuMissing } from '../support/qemu.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const folder = path.resolve('test/programs/teaching-kernel');
const flags = ['-march=rv64imac_zicsr_zifencei', '-mabi=lp64', '-mcmodel=medany', '-O2', '-ffreestanding', '-static'];

function kernel(): string {
  const sources = readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const);
  return build(Object.fromEntries(sources), [...flags, '-Wall', '-Werror', '-Wl,--no-warn-rwx-segments']);
}

/** Sixteen sectors; the second says something. */
function diskBytes(): Uint8Array {
  const bytes = new Uint8Array(16 * 512);
  bytes.set(Buffer.from('this was read from the disk'), 512);
  return bytes;
}

const story = `teaching kernel: 3 harts
hart 0: paging is on, satp mode 8
hart 1: paging is on, satp mode 8
hart 2: paging is on, satp mode 8
disk: 16 sectors
sector 1, status 0: this was read from the disk
write sector 2, status 0
sector 2, status 0: abcdefghijklmnopqrstuvwxyz
sector 99, status 1
every hart ticks, and came when it was called
`;

function ours(elf: string, options: Partial<MachineOptions> = {}, slice = 10_000_000) {
  const disk = { mode: 'cow', source: bytesSource('disk.img', diskBytes()) } as const;
  const virt = { memory: 8n << 20n, harts: 3, isa: 'rv64gc_zicntr', mmu: 'sv39', disks: [disk] } as const;
  const full = { ...virt, ...options };
  const program = bytesSource(elf, readFileSync(elf));
  const machine = createMachine(full, planBoot({ program }, { ...full, firmware: 'none' }));
  let text = '';
  machine.onConsole((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    return undefined;
  });
  let outcome = machine.run(slice);
  for (let ran = slice; outcome.reason === 'limit' && ran < 100_000_000; ran += slice) outcome = machine.run(slice);
  return { text, end: outcome.reason === 'ended' ? outcome.end : outcome, state: stateHash(machine) };
}

describe('a teaching kernel with three harts', { skip: hasGcc ? false : needsGcc }, () => {
  test('brings its harts up, reads and writes sectors by interrupt, ticks, calls its harts and powers off', () => {
    const warnings: string[] = [];
    const { text, end } = ours(kernel(), { warn: (line) => warnings.push(line) });
    assert.equal(text, story);
    assert.deepEqual(end, { kind: 'poweroff', code: 0, by: 'test finisher' });
    assert.deepEqual(warnings, []);
  });

  test('does so with every quantum, and for the same quantum ends in the same state, whatever the slice', () => {
    const elf = kernel();
    const states = [1, 97, 5000].map((quantum) => {
      const [first, second] = [ours(elf, { quantum }), ours(elf, { quantum }, 12_345)];
      assert.equal(first.text, story);
      assert.deepEqual(second, first);
      return first.state;
    });
    assert.equal(new Set(states).size, 3);
  });

  /** Calls `use` with a disk's file, which is removed afterwards. */
  function withDisk(use: (disk: string) => void): void {
    const home = mkdtempSync(path.join(tmpdir(), 'pagewalk-disk-'));
    try {
      const disk = path.join(home, 'disk.img');
      writeFileSync(disk, diskBytes());
      use(disk);
    } finally {
      rmSync(home, { recursive: true });
    }
  }

  test('writes to a file that is given as rw, and to no other', () => {
    const elf = kernel();
    const run = (disk: string) => pagewalk(['run', elf, '--harts', '3', '--firmware', 'none', '--disk', disk]);
    const second = (disk: string) =>
      readFileSync(disk)
        .subarray(2 * 512, 2 * 512 + 4)
        .toString();
    withDisk((disk) => {
      const cow = run(disk);
      assert.deepEqual([cow.status, cow.stdout, cow.stderr], [0, story, '']);
      const ro = run(`${disk},ro`);
      assert.match(ro.stdout, /write sector 2, status 1\nsector 2, status 0: \n/);
      assert.equal(second(disk), '\0\0\0\0');
      const rw = run(`${disk},rw`);
      assert.deepEqual([rw.status, rw.stdout], [0, story]);
      assert.equal(second(disk), 'abcd');
      assert.equal(readFileSync(disk).length, 16 * 512);
    });
  });

  test("prints the same on QEMU's virt", (t) => {
    const missing = qemuMissing();
    if (missing) return t.skip(missing);
    withDisk((disk) => {
      const { stdout, status } = spawnSync(
        'qemu-system-riscv64',
        [
          ...['-M', 'virt', '-bios', 'none', '-smp', '3', '-m', '128M', '-global', 'virtio-mmio.force-legacy=false'],
          ...['-drive', `file=${disk},if=none,format=raw,id=x0`],
          ...['-device', 'virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0'],
          ...['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-kernel', kernel()],
        ],
        { encoding: 'utf8', timeout: 60_000 },
      );
      assert.equal(stdout, story);
      assert.equal(status, 0);
    });
  });
});
