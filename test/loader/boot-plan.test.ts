import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { hex } from '../../emulator/address.ts';
import { readFdt } from '../../emulator/firmware/fdt.ts';
import { type BootFiles, type BootOptions, type BootPlan, bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMetal, highHalf, withoutScript } from './programs.ts';

const mebi = 1n << 20n;
const machine: BootOptions = { memory: 256n * mebi, harts: 1, isa: 'rv64gc', mmu: 'sv57', firmware: 'auto' };

/** A raw Image whose header asks for what is given; the first two words jump nowhere. */
function image(textOffset: bigint, imageSize: bigint, size = 4096): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, textOffset, true);
  view.setBigUint64(16, imageSize, true);
  view.setBigUint64(0x30, 0x5643534952n, true);
  view.setUint32(0x38, 0x05435352, true);
  return bytes;
}

function plan(files: BootFiles, options: Partial<BootOptions> = {}): BootPlan {
  return planBoot(files, { ...machine, ...options });
}

/** Where things are, in hex, with their sizes. */
function layout({ segments }: BootPlan): string[] {
  return segments.map(({ what, address, source }) => `${what} ${hex(address)} ${hex(source.size)}`);
}

function chosen(boot: BootPlan): Map<string, Uint8Array> {
  const tree = boot.segments.find(({ what }) => what === 'device tree');
  assert.ok(tree);
  const node = readFdt(tree.source.read(0, tree.source.size)).root.children.find(({ name }) => name === 'chosen');
  assert.ok(node);
  return node.properties;
}

const word = (bytes: Uint8Array | undefined) => BigInt(`0x${Buffer.from(bytes ?? []).toString('hex')}`);

function failsWith(says: RegExp, files: () => BootFiles, options: Partial<BootOptions> = {}): void {
  assert.throws(
    () => plan(files(), options),
    (error) => error instanceof UserError && says.test(error.message),
  );
}

describe('a raw Image', () => {
  const program = bytesSource('Image', image(0x200000n, 0x500000n));

  test('goes to the RAM base plus text_offset and is entered in S-mode behind the built-in firmware', () => {
    const boot = plan({ program });
    assert.equal(hex(boot.entry), '0x80200000');
    assert.deepEqual([boot.firmware, boot.privilege, boot.xlen], ['builtin', 1, 64]);
    assert.equal(boot.slide, undefined);
    assert.deepEqual(layout(boot).slice(0, 1), ['kernel 0x80200000 0x1000']);
  });

  test('takes image_size bytes of memory, not the size of its file', () => {
    assert.equal(hex(plan({ program }).kernel.end), '0x80700000');
  });

  test('has its initrd half of RAM behind the kernel, and the device tree 2 MiB-aligned at the end of RAM', () => {
    const boot = plan({ program, initrd: bytesSource('initrd', new Uint8Array(5000)) });
    assert.equal(hex(boot.dtb), '0x8fe00000');
    assert.ok(layout(boot).includes('initrd 0x88200000 0x1388'));
    assert.equal(word(chosen(boot).get('linux,initrd-start')), 0x88200000n);
    assert.equal(word(chosen(boot).get('linux,initrd-end')), 0x88201388n);
  });

  test('has its initrd no more than 512 MiB behind it, and below the device tree where the kernel reaches that far', () => {
    const initrd = bytesSource('initrd', new Uint8Array(5000));
    assert.ok(layout(plan({ program, initrd }, { memory: 8192n * mebi })).includes('initrd 0xa0200000 0x1388'));
    const large = bytesSource('Image', image(0x200000n, 200n * mebi));
    assert.ok(layout(plan({ program: large, initrd })).includes('initrd 0x8fdfe000 0x1388'));
  });

  test('has its device tree at the end of RAM, on RV32 of the first GiB', () => {
    assert.equal(hex(plan({ program }, { memory: 8192n * mebi }).dtb), '0x27fe00000');
    const narrow = bytesSource('Image', image(0x400000n, 8n * mebi));
    assert.equal(
      hex(plan({ program: narrow }, { memory: 2048n * mebi, isa: 'rv32gc', mmu: 'sv32' }).dtb),
      '0xbfe00000',
    );
  });

  test('that does not fit says how much memory would do, and that much does', () => {
    const files = { program, initrd: bytesSource('initrd', new Uint8Array(3 << 20)) };
    failsWith(/^Image with its initrd does not fit in 8M of memory: set memory to 13M or more$/, () => files, {
      memory: 8n * mebi,
    });
    assert.equal(layout(plan(files, { memory: 13n * mebi })).length, 3);
    failsWith(/^Image does not fit in 4M of memory/, () => files, { memory: 4n * mebi });
    failsWith(/^Image does not fit in 3 bytes of memory: set memory to 7M or more$/, () => files, {
      memory: 3n,
    });
  });

  test('gets the command line in /chosen', () => {
    const args = chosen(plan({ program }, { append: 'console=ttyS0 quiet' })).get('bootargs');
    assert.equal(Buffer.from(args ?? []).toString(), 'console=ttyS0 quiet\0');
  });

  test('is entered in M-mode without firmware', () => {
    assert.deepEqual([plan({ program }, { firmware: 'none' }).privilege], [3]);
  });
});

test('a file that is neither ELF nor Image gives one error that names it', () => {
  failsWith(/^notes\.txt is neither an ELF file nor a raw RISC-V Linux Image/, () => ({
    program: bytesSource('notes.txt', new TextEncoder().encode('hello '.repeat(20))),
  }));
});

test('a packed kernel gives an error that says how to unpack it', () => {
  failsWith(/^Image\.zst is neither .*packed with zstd: unpack it first with unzstd$/, () => ({
    program: bytesSource('Image.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0)),
  }));
});

describe('the machine for a program that nobody described', () => {
  const { memory, harts, firmware } = machine;
  const chosenFor = (program: Uint8Array, more: Partial<BootOptions> = {}) => {
    const { xlen, isa, mmu } = planBoot(
      { program: bytesSource('Image', program) },
      { memory, harts, firmware, ...more },
    );
    return [xlen, isa, mmu];
  };

  test('is RV64 with Sv57 for an Image with text_offset 2 MiB, RV32 with Sv32 for one with 4 MiB', () => {
    assert.deepEqual(chosenFor(image(0x200000n, 0n)), [64, 'rv64max', 'sv57']);
    assert.deepEqual(chosenFor(image(0x400000n, 0n)), [32, 'rv32max', 'sv32']);
  });

  test('is what isa says where the Image does not tell', () => {
    assert.deepEqual(chosenFor(image(0n, 0n)), [64, 'rv64max', 'sv57']);
    assert.deepEqual(chosenFor(image(0n, 0n), { isa: 'rv32imac' }), [32, 'rv32imac', 'sv32']);
  });

  test('is RV32 for an ELF of class 32', (t) => {
    const file = guestFile('linux-6.1-rv32/vmlinux');
    if (!file) return t.skip('needs the guest linux-6.1-rv32: set PAGEWALK_GUESTS');
    const { xlen, mmu } = planBoot({ program: fileSource(file) }, { memory, harts, firmware });
    assert.deepEqual([xlen, mmu], [32, 'sv32']);
  });

  test('never mixes widths: one error names isa or mmu', () => {
    assert.throws(() => chosenFor(image(0x400000n, 0n), { isa: 'rv64gc' }), /32-bit Image, but isa is rv64gc/);
    assert.throws(() => chosenFor(image(0x400000n, 0n), { mmu: 'sv39' }), /mmu is sv39, which RV32 does not have/);
    assert.throws(() => chosenFor(image(0x200000n, 0n), { mmu: 'sv32' }), /mmu is sv32, which RV64 does not have/);
  });
});

describe('an ELF', () => {
  test('at the RAM base is entered in M-mode, without firmware, with its mailboxes found', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const file = bareMetal();
    const boot = plan({ program: fileSource(file) });
    assert.deepEqual([boot.firmware, boot.privilege, hex(boot.entry), boot.slide], ['none', 3, '0x80000000', 0n]);
    const nm = new Map(
      [...gnu('nm', [file]).matchAll(/^(\S+) \S (\S+)$/gm)].map(([, value, name]) => [name, BigInt(`0x${value}`)]),
    );
    assert.deepEqual([boot.tohost, boot.fromhost], [nm.get('tohost'), nm.get('fromhost')]);
    assert.equal(boot.kernel.end, nm.get('_end'));
  });

  test('above the RAM base is entered in S-mode behind the built-in firmware, with no mailboxes', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const boot = plan({ program: fileSource(bareMetal('0x80200000')) });
    assert.deepEqual([boot.firmware, boot.privilege, boot.tohost], ['builtin', 1, undefined]);
  });

  test('linked high with offsets as physical addresses loads at 0x80200000 plus the offset', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const boot = plan({ program: fileSource(highHalf('0')) });
    assert.equal(hex(boot.entry), '0x80200000');
    assert.equal(boot.slide, 0x80200000n - 0xffffffff80000000n);
    assert.ok(layout(boot).some((line) => line.startsWith('kernel 0x80201000 ')));
  });

  test('linked high with physical addresses in RAM loads there', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const boot = plan({ program: fileSource(highHalf('0x80400000')) });
    assert.deepEqual([hex(boot.entry), hex(boot.kernel.start)], ['0x80400000', '0x80400000']);
  });

  test('with 32 bits needs an rv32 isa, and then loads from 0x80400000 when its physical addresses are an offset', (t) => {
    const file = guestFile('linux-6.1-rv32/vmlinux');
    if (!file) return t.skip('needs the guest linux-6.1-rv32: set PAGEWALK_GUESTS');
    failsWith(/32-bit ELF, but isa is rv64gc: set isa to rv32/, () => ({ program: fileSource(file) }));
    const boot = plan({ program: fileSource(file) }, { isa: 'rv32ima', mmu: 'sv32' });
    assert.deepEqual([boot.xlen, hex(boot.entry), hex(boot.kernel.end)], [32, '0x80400000', '0x818adf80']);
  });

  test('linked without a script loads without the file headers in front of it', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const boot = plan({ program: fileSource(withoutScript('0x80000000')) });
    assert.deepEqual([boot.firmware, hex(boot.entry), hex(boot.kernel.start)], ['none', '0x80000000', '0x80000000']);
    assert.match(layout(boot)[0] ?? '', /^kernel 0x80000000 /);
  });

  test('linked high without load addresses gives an error that names AT()', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const program = fileSource(bareMetal('0xffffffff80000000'));
    failsWith(/physical address 0xffffffff80000000, where there is no RAM.*AT\(\)/, () => ({ program }));
  });

  test('of user space gives an error that says so', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    failsWith(/physical address 0x10000, where there is no RAM.*user space/, () => ({
      program: fileSource(bareMetal('0x10000')),
    }));
  });

  test('larger than the memory gives an error before its bytes are read', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const source = fileSource(bareMetal('0x90000000'));
    failsWith(/does not fit in 256M of memory: set memory to 257M or more/, () => ({ program: source }));
  });
});

describe('the real kernels', () => {
  for (const [name, initrd, end] of [
    ['linux-5.10-rv64', 'initramfs.cpio', '0x80acdaa8'],
    ['linux-6.12-debian', 'initramfs.cpio.gz', '0x8206b000'],
  ] as const) {
    test(`${name}: Image and vmlinux have the same bytes in the same places`, (t) => {
      const [raw, elf, ramdisk] = [`${name}/Image`, `${name}/vmlinux`, `${name}/${initrd}`].map(guestFile);
      if (!raw || !elf || !ramdisk) return t.skip(`needs the guest ${name}: set PAGEWALK_GUESTS`);
      const fromImage = plan({ program: fileSource(raw), initrd: fileSource(ramdisk) });
      const fromElf = plan({ program: fileSource(elf), initrd: fileSource(ramdisk) });
      assert.equal(fromElf.entry, fromImage.entry);
      assert.equal(hex(fromImage.kernel.end), end);
      const whole = fromImage.segments[0]?.source;
      assert.ok(whole);
      const kernel = fromElf.segments.filter(({ what }) => what === 'kernel');
      assert.ok(kernel.length >= 7);
      for (const { address, source } of kernel) {
        const offset = Number(address - fromImage.kernel.start);
        assert.equal(
          Buffer.compare(whole.read(offset, source.size), source.read(0, source.size)),
          0,
          `segment at ${hex(address)}`,
        );
      }
    });
  }

  test('a relocatable vmlinux without its relocations is refused in favour of the Image', (t) => {
    const file = guestFile('linux-6.12-rv64-kaslr/vmlinux');
    if (!file) return t.skip('needs the guest linux-6.12-rv64-kaslr: set PAGEWALK_GUESTS');
    failsWith(/relocations were stripped.*raw Image.*symbols/, () => ({ program: fileSource(file) }));
  });

  test("a user's device tree keeps what it has and gets the initrd and the command line", (t) => {
    const [file, dtb] = ['Image', 'virt-kaslr-seed.dtb'].map((part) => guestFile(`linux-6.12-rv64-kaslr/${part}`));
    if (!file || !dtb) return t.skip('needs the guest linux-6.12-rv64-kaslr: set PAGEWALK_GUESTS');
    const files = {
      program: fileSource(file),
      dtb: fileSource(dtb),
      initrd: bytesSource('initrd', new Uint8Array(100)),
    };
    const properties = chosen(plan(files, { append: 'debug' }));
    assert.equal(word(properties.get('kaslr-seed')), 0x0123456789abcdefn);
    assert.equal(word(properties.get('linux,initrd-end')) - word(properties.get('linux,initrd-start')), 100n);
    assert.equal(Buffer.from(properties.get('bootargs') ?? []).toString(), 'debug\0');
  });
});

test('a file that is no device tree blob is refused by name', () => {
  const dtb = bytesSource('virt.dts', new TextEncoder().encode('/dts-v1/; / { };'));
  failsWith(/^virt\.dts: .*device tree/, () => ({ program: bytesSource('Image', image(0x200000n, 0n)), dtb }));
});

describe('a firmware file', () => {
  const program = bytesSource('Image', image(0x200000n, 0x500000n));
  const opensbi = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic';
  const jump = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf';

  test('is entered in M-mode at the RAM base and is told of the program by fw_dynamic_info', () => {
    const boot = plan({ program, firmware: bytesSource('fw.bin', new Uint8Array(1000)) });
    assert.deepEqual([boot.firmware, boot.privilege, hex(boot.entry)], ['file', 3, '0x80000000']);
    const info = boot.segments.find(({ address }) => address === boot.dynamicInfo);
    assert.ok(info);
    const words = new BigUint64Array(info.source.read(0, info.source.size).slice().buffer);
    assert.deepEqual([...words], [0x4942534fn, 2n, 0x80200000n, 1n, 0n, 0n]);
  });

  test('of 32 bits has 32-bit words in fw_dynamic_info', () => {
    const kernel = bytesSource('Image', image(0x400000n, 0x500000n));
    const boot = plan(
      { program: kernel, firmware: bytesSource('fw.bin', new Uint8Array(1000)) },
      { isa: 'rv32ima', mmu: 'sv32' },
    );
    const info = boot.segments.find(({ address }) => address === boot.dynamicInfo);
    assert.deepEqual(
      [...new Uint32Array(info?.source.read(0, info.source.size).slice().buffer ?? new ArrayBuffer(0))],
      [0x4942534f, 2, 0x80400000, 1, 0, 0],
    );
  });

  test("OpenSBI's ELF and raw binary are entered at the same address", (t) => {
    if (!existsSync(`${opensbi}.elf`)) return t.skip('needs opensbi: apt-get install opensbi');
    const [elf, raw] = ['elf', 'bin'].map((ending) => plan({ program, firmware: fileSource(`${opensbi}.${ending}`) }));
    assert.equal(elf?.entry, raw?.entry);
    assert.equal(elf?.segments[0]?.address, raw?.segments[0]?.address);
  });

  describe("OpenSBI's fw_jump, which copies the device tree to 0x82200000,", () => {
    const missing = existsSync(jump) ? false : 'needs opensbi: apt-get install opensbi';
    const firmware = () => fileSource(jump);

    test('leaves the place of the copy free, also where memory is scarce', { skip: missing }, () => {
      const initrd = bytesSource('initrd', new Uint8Array(4 << 20));
      const boot = plan({ program, initrd, firmware: firmware() }, { memory: 48n * mebi });
      const lowest = boot.segments.filter(({ what }) => what === 'initrd').map(({ address }) => address)[0];
      assert.ok(lowest !== undefined && lowest > 0x82200000n, hex(lowest ?? 0n));
      failsWith(/set memory to/, () => ({ program, initrd, firmware: firmware() }), { memory: 38n * mebi });
    });

    test('is refused for a program that reaches there, or that starts elsewhere than it jumps', {
      skip: missing,
    }, () => {
      const large = bytesSource('Image', image(0x200000n, 0x23a0000n));
      failsWith(/puts the device tree at 0x82200000, inside of Image.*fw_dynamic/, () => ({
        program: large,
        firmware: firmware(),
      }));
      const elsewhere = bytesSource('Image', image(0x600000n, 0x100000n));
      failsWith(/starts programs at 0x80200000, but Image starts at 0x80600000.*fw_dynamic/, () => ({
        program: elsewhere,
        firmware: firmware(),
      }));
    });

    test('is told from fw_dynamic, which takes any program', { skip: missing }, () => {
      const large = bytesSource('Image', image(0x200000n, 0x23a0000n));
      const boot = plan({ program: large, firmware: fileSource(`${opensbi}.bin`) });
      assert.equal(hex(boot.kernel.end), '0x825a0000');
    });
  });

  test('that reaches into the program is refused', () => {
    failsWith(/^fw\.bin and Image overlap/, () => ({
      program,
      firmware: bytesSource('fw.bin', new Uint8Array(0x200001)),
    }));
  });

  test('must be given when the option asks for it', () => {
    failsWith(/no firmware file is given/, () => ({ program }), { firmware: 'file' });
  });
});
