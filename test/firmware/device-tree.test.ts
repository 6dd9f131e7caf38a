import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import { buildDeviceTree, patchChosen } from '../../emulator/firmware/device-tree.ts';
import { dtsText } from '../../emulator/firmware/dts.ts';
import { findNode, node, readFdt, writeFdt } from '../../emulator/firmware/fdt.ts';
import { UserError } from '../../emulator/user-error.ts';

const options = { harts: 2, isa: 'rv64gc_zicntr_sstc', mmu: 'sv57', memory: 256n << 20n } as const;

function missing(tool: string): boolean {
  return spawnSync(tool, ['--version']).error !== undefined;
}

function property(blob: Uint8Array, path: string, name: string): string | undefined {
  const bytes = findNode(readFdt(blob).root, path)?.properties.get(name);
  return bytes && Buffer.from(bytes).toString('latin1');
}

describe('a flattened device tree', () => {
  test('is written as source of which dtc makes the same tree', (t) => {
    if (missing('dtc')) return t.skip('needs dtc: apt-get install device-tree-compiler');
    const root = node('', { model: 'a "quoted" \\ model', list: ['a', 'b'], cells: [1, 0xffffffff], flag: true }, [
      node('odd@1', { bytes: Uint8Array.of(1, 2, 3), text: Uint8Array.of(65, 0, 0), zero: Uint8Array.of(0) }, [
        node('b', {}),
      ]),
    ]);
    const reservations = [{ address: 0x8000_0000n, size: 0x20_0000n }];
    const trees = [{ root, reservations, bootHart: 0 }, readFdt(buildDeviceTree({ ...options }))];
    for (const tree of trees) {
      const dtc = spawnSync('dtc', ['-q', '-I', 'dts', '-O', 'dtb'], { input: dtsText(tree) });
      assert.equal(dtc.status, 0, String(dtc.stderr));
      const made = readFdt(new Uint8Array(dtc.stdout));
      assert.deepEqual([made.root, made.reservations], [tree.root, tree.reservations]);
    }
  });

  test('is read back as it was written, with reservations, boot hart and text beyond ASCII', () => {
    const root = node('', { model: 'Größe', list: ['a', 'b'], cells: [1, 0x1_0000_0000n, 0xffffffff], flag: true }, [
      node('a@1', { odd: Uint8Array.of(1, 2, 3) }, [node('b', {})]),
      node('c', {}),
    ]);
    const tree = { root, reservations: [{ address: 0x8000_0000n, size: 0x20_0000n }], bootHart: 3 };
    assert.deepEqual(readFdt(writeFdt(tree)), tree);
  });

  test('that is damaged gives a UserError naming the file', () => {
    const good = buildDeviceTree(options);
    assert.throws(() => readFdt(Uint8Array.of(0x7f, 0x45), 'virt.dtb'), /^UserError: virt\.dtb: .*d00dfeed/);
    assert.throws(() => readFdt(good.subarray(0, 100), 'virt.dtb'), UserError);
    for (let at = 0; at < good.length; at += 7) {
      const bad = good.slice();
      bad[at] = (bad[at] ?? 0) ^ 0xff;
      try {
        readFdt(bad);
      } catch (error) {
        assert.ok(error instanceof UserError, `byte ${at}: ${error}`);
      }
    }
  });
});

describe('the device tree of the machine', () => {
  test('is accepted by dtc without a complaint', (t) => {
    if (missing('dtc')) return t.skip('needs dtc: apt-get install device-tree-compiler');
    const run = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts', '-'], { input: buildDeviceTree(options) });
    assert.equal(run.stderr.toString(), '');
    assert.match(run.stdout.toString(), /timebase-frequency = <0x989680>/);
  });

  test("says the same as QEMU's virt of the nodes that both have", (t) => {
    const file = path.join(tmpdir(), `pagewalk-virt-${process.pid}.dtb`);
    const machine = ['-M', `virt,dumpdtb=${file}`, '-bios', 'none', '-m', '256M', '-smp', '2', '-display', 'none'];
    const run = spawnSync('qemu-system-riscv64', machine);
    if (run.error) return t.skip('needs qemu-system-riscv64 7.2 or newer: apt-get install qemu-system-misc');
    const theirs = readFileSync(file);
    rmSync(file);
    const ours = buildDeviceTree(options);
    const compared: readonly [path: string, names: string][] = [
      ['/', '#address-cells #size-cells compatible'],
      ['/memory', 'device_type reg'],
      ['/cpus', '#address-cells #size-cells timebase-frequency'],
      ['/cpus/cpu@1', 'device_type reg status compatible mmu-type'],
      ['/cpus/cpu@1/interrupt-controller', '#interrupt-cells interrupt-controller compatible'],
      ['/poweroff', 'compatible value offset'],
      ['/reboot', 'compatible value offset'],
      ['/chosen', 'stdout-path'],
      ['/soc', '#address-cells #size-cells compatible ranges'],
      ['/soc/serial', 'reg compatible clock-frequency interrupts'],
      ['/soc/test', 'reg compatible'],
      ['/soc/plic', 'reg compatible riscv,ndev interrupt-controller #interrupt-cells'],
      ['/soc/clint', 'reg compatible'],
      ['/soc/virtio_mmio@10001000', 'reg compatible interrupts'],
      ['/soc/virtio_mmio@10008000', 'reg compatible interrupts'],
    ];
    for (const [where, names] of compared) {
      for (const name of names.split(' ')) {
        const expected = property(theirs, where, name);
        // Older editions leave some properties out or name the mode of their default hart.
        if (expected === undefined || (name === 'mmu-type' && !expected.includes('sv57'))) continue;
        assert.equal(property(ours, where, name), expected, `${where} ${name}`);
      }
    }
  });

  test('splits the ISA string into base and extensions', () => {
    assert.equal(
      property(buildDeviceTree(options), '/cpus/cpu@0', 'riscv,isa'),
      'rv64imafdc_zicsr_zifencei_zicntr_sstc\0',
    );
    assert.equal(
      property(buildDeviceTree({ ...options, isa: 'rv64imac_sv39' }), '/cpus/cpu@0', 'riscv,isa-extensions'),
      'i\0m\0a\0c\0zicsr\0zifencei\0',
    );
    assert.equal(property(buildDeviceTree({ ...options, mmu: 'bare' }), '/cpus/cpu@0', 'mmu-type'), 'riscv,none\0');
    const narrow = buildDeviceTree({ ...options, isa: 'rv32imac', mmu: 'sv32' });
    assert.equal(property(narrow, '/cpus/cpu@0', 'mmu-type'), 'riscv,sv32\0');
  });

  test('names what an extension brings along, and the size of cache blocks', () => {
    const blob = buildDeviceTree({ ...options, isa: 'rv64ima_zcb_zicbom_zicboz' });
    const expected = 'i\0m\0a\0c\0zicsr\0zifencei\0zicbom\0zicboz\0zca\0zcb\0';
    assert.equal(property(blob, '/cpus/cpu@0', 'riscv,isa-extensions'), expected);
    assert.equal(property(blob, '/cpus/cpu@0', 'riscv,cbom-block-size'), '\0\0\0\x40');
    assert.equal(property(blob, '/cpus/cpu@0', 'riscv,cboz-block-size'), '\0\0\0\x40');
    assert.equal(property(blob, '/cpus/cpu@0', 'riscv,cbop-block-size'), undefined);
  });

  test('carries the command line and the initrd in chosen', () => {
    const initrd = { start: phys(0x8800_0000), end: phys(0x8801_2345) };
    const blob = buildDeviceTree({ ...options, bootargs: 'console=ttyS0', initrd });
    assert.equal(property(blob, '/chosen', 'bootargs'), 'console=ttyS0\0');
    assert.equal(property(blob, '/chosen', 'linux,initrd-end'), '\0\0\0\0\x88\x01\x23\x45');
  });

  test('given by the user keeps everything but what is patched into chosen, which is made where it is missing', () => {
    const user = writeFdt({ root: node('', { model: 'mine' }), reservations: [], bootHart: 0 });
    const patched = patchChosen(user, { bootargs: 'quiet' });
    assert.equal(property(patched, '/', 'model'), 'mine\0');
    assert.equal(property(patched, '/chosen', 'bootargs'), 'quiet\0');
    assert.equal(property(patchChosen(patched, {}), '/chosen', 'bootargs'), 'quiet\0');
  });
});
