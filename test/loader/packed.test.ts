import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync, unzipSync } from 'node:zlib';
import { buildIdOf, bytesSource, isBuiltFrom, openElf, unpacked } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { build, gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const kernel = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) & 255);

/** An EFI image with the header of Linux's zboot, its payload in the middle. */
function zboot(packing: string, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(0x200 + payload.length + 100, 0xee);
  bytes.fill(0, 0, 0x200);
  bytes.write('MZ\0\0zimg', 0, 'latin1');
  bytes.writeUInt32LE(0x200, 8);
  bytes.writeUInt32LE(payload.length, 12);
  bytes.write(packing, 24, 'latin1');
  bytes.set(payload, 0x200);
  return bytes;
}

const unpack = (bytes: Uint8Array) => unpacked(bytesSource('vmlinuz', bytes), unzipSync);

function refuses(bytes: Uint8Array, why: RegExp): void {
  assert.throws(
    () => unpack(bytes),
    (error) => error instanceof UserError && why.test(error.message),
  );
}

describe('a packed kernel', () => {
  test('by gzip is unpacked and keeps its name', () => {
    const found = unpack(gzipSync(kernel));
    assert.deepEqual([found.name, found.size], ['vmlinuz', kernel.length]);
    assert.deepEqual(Buffer.from(found.read(0, found.size)), Buffer.from(kernel));
  });

  test('in an EFI image that unpacks itself is its gzip payload', () => {
    const found = unpack(zboot('gzip', gzipSync(kernel)));
    assert.deepEqual(Buffer.from(found.read(0, found.size)), Buffer.from(kernel));
  });

  for (const [setting, name] of [
    ['zstd22', 'zstd'],
    ['xzkern', 'xz'],
    ['lz4', 'lz4'],
  ] as const) {
    test(`in an EFI image by ${name} is refused, and ${name} is named`, () =>
      refuses(zboot(setting, kernel), new RegExp(`^vmlinuz .* packed with ${name}; only gzip .*: give the Image`)));
  }

  test('that is cut short or damaged is one error', () => {
    const packed = gzipSync(kernel);
    refuses(packed.subarray(0, packed.length / 2), /^vmlinuz is packed with gzip, but damaged or truncated/);
    refuses(zboot('gzip', packed).subarray(0, 0x210), /damaged or truncated/);
    refuses(zboot('gzip', kernel), /damaged or truncated/);
  });

  test('is told from any other file, which stays as it is', () => {
    for (const bytes of [kernel, new Uint8Array(), Buffer.from('MZ\0\0zimg'), Buffer.from([0x1f])]) {
      const source = bytesSource('file', bytes);
      assert.equal(unpacked(source, unzipSync), source);
    }
  });
});

describe('the build id', () => {
  const program = (...flags: string[]) =>
    openElf(
      fileSource(
        build({ 'a.S': '.globl _start\n_start: nop\n' }, [
          '-march=rv64gc',
          '-mabi=lp64d',
          '-Wl,-Ttext=0x80200000',
          ...flags,
        ]),
      ),
    );

  test('is the one that readelf shows; a file linked without has none', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const elf = program('-Wl,--build-id');
    const shown = /Build ID: ([0-9a-f]+)/.exec(gnu('readelf', ['-n', elf.source.name]))?.[1];
    assert.equal(Buffer.from(buildIdOf(elf) ?? []).toString('hex'), shown);
    assert.equal(buildIdOf(program('-Wl,--build-id=none')), undefined);
  });

  for (const guest of ['linux-5.10-rv64', 'linux-6.1-rv32', 'linux-6.12-rv64-kaslr', 'linux-6.12-debian']) {
    test(`of ${guest}'s vmlinux is in its Image and in no other`, (t) => {
      const [vmlinux, image, other] = [`${guest}/vmlinux`, `${guest}/Image`, 'linux-5.10-rv64/Image'].map(guestFile);
      if (!vmlinux || !image || !other) return t.skip(`needs the guest ${guest}: set PAGEWALK_GUESTS`);
      const elf = openElf(fileSource(vmlinux));
      assert.equal(isBuiltFrom(fileSource(image), elf), true);
      assert.equal(isBuiltFrom(fileSource(other), elf), image === other);
    });
  }
});
