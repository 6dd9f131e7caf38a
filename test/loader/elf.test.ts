import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { hex } from '../../emulator/address.ts';
import { bytesSource, openElf, readSymbols, sectionBytes } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMetal } from './programs.ts';

/** What `readelf -SW` and `readelf -lW` print, row by row. */
function readelf(file: string) {
  const sections = [
    ...gnu('readelf', ['-SW', file]).matchAll(
      /^ {2}\[ *\d+\] (\S*) +([A-Z_]+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) /gm,
    ),
  ];
  const segments = [...gnu('readelf', ['-lW', file]).matchAll(/^ {2}LOAD +(\S+) (\S+) (\S+) (\S+) (\S+) /gm)];
  return {
    sections: sections.map(([, name, , va, offset, size]) => [
      name,
      ...[va, offset, size].map((text) => BigInt(`0x${text}`)),
    ]),
    segments: segments.map((row) => row.slice(1).map(BigInt)),
  };
}

function agrees(file: string): void {
  const elf = openElf(fileSource(file));
  const expected = readelf(file);
  assert.deepEqual(
    elf.sections.slice(1).map(({ name, va, offset, size }) => [name, va, BigInt(offset), BigInt(size)]),
    expected.sections.filter(([name]) => name !== ''),
  );
  assert.deepEqual(
    elf.segments
      .filter(({ type }) => type === 1)
      .map(({ offset, va, pa, fileSize, memorySize }) => [BigInt(offset), va, pa, BigInt(fileSize), memorySize]),
    expected.segments,
  );
  const [, entry] = /Entry point address: +(\S+)/.exec(gnu('readelf', ['-hW', file])) ?? [];
  assert.equal(hex(elf.entry), entry);
}

describe('ELF headers', () => {
  for (const flags of [[], ['-march=rv32imac', '-mabi=ilp32']]) {
    test(`of a small ${flags.length > 0 ? '32' : '64'}-bit program are those that readelf prints`, (t) => {
      if (!hasGcc) return t.skip(needsGcc);
      agrees(bareMetal('0x80000000', flags));
    });
  }

  for (const kernel of ['linux-5.10-rv64', 'linux-6.1-rv32', 'linux-6.12-rv64-kaslr']) {
    test(`of ${kernel} are those that readelf prints`, (t) => {
      const file = guestFile(`${kernel}/vmlinux`);
      if (!hasGcc) return t.skip(needsGcc);
      if (!file) return t.skip(`needs the guest ${kernel}: set PAGEWALK_GUESTS`);
      agrees(file);
    });
  }

  test('a section has the bytes that objcopy extracts', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const file = bareMetal();
    const elf = openElf(fileSource(file));
    const text = elf.sections.find(({ name }) => name === '.text');
    assert.ok(text);
    gnu('objcopy', ['-O', 'binary', '-j', '.text', file, `${file}.text`]);
    assert.deepEqual([...sectionBytes(elf, text)], [...readFileSync(`${file}.text`)]);
  });
});

describe('an ELF that cannot be used gives one error that names the file', () => {
  const good = hasGcc ? new Uint8Array(readFileSync(bareMetal())) : undefined;
  const cases: readonly [what: string, change: (bytes: Uint8Array) => Uint8Array, says: RegExp][] = [
    [
      'text',
      () => new TextEncoder().encode('#!/bin/sh\necho not a kernel, but longer than a header is\n'.repeat(3)),
      /not an ELF file/,
    ],
    ['nothing', () => new Uint8Array(), /not an ELF file/],
    ['the first 40 bytes', (bytes) => bytes.slice(0, 40), /truncated.*header/],
    ['its program headers cut off', (bytes) => bytes.slice(0, 100), /truncated: it ends before its program headers/],
    ['its second half cut off', (bytes) => bytes.slice(0, bytes.length / 2), /truncated/],
    ['its last byte cut off', (bytes) => bytes.slice(0, -1), /truncated.*section headers/],
    ['big-endian', (bytes) => set(bytes, 5, 2), /big-endian/],
    ['class 7', (bytes) => set(bytes, 4, 7), /damaged/],
    ['x86-64', (bytes) => set(bytes, 18, 62, 0), /for x86-64, not for RISC-V/],
    ['AArch64', (bytes) => set(bytes, 18, 183, 0), /for AArch64, not for RISC-V/],
    ['an unheard-of machine', (bytes) => set(bytes, 18, 0x34, 0x12), /for machine 4660/],
    ['an object file', (bytes) => set(bytes, 16, 1), /object file: link it/],
    ['a core dump', (bytes) => set(bytes, 16, 4), /core dump/],
    ['program headers at 2^63', (bytes) => set(bytes, 39, 0x80), /truncated/],
    ['section headers of 1 byte', (bytes) => set(bytes, 58, 1, 0), /too small/],
    ['a segment larger in the file than in memory', (bytes) => setLoad(bytes, 40, 1n), /larger in the file/],
    ['a segment behind the end of the file', (bytes) => setLoad(bytes, 8, 1n << 60n), /truncated.*segment/],
  ];
  for (const [what, change, says] of cases) {
    test(what, (t) => {
      if (!good) return t.skip(needsGcc);
      assert.throws(
        () => openElf(bytesSource('kernel.elf', change(good))),
        (error) => error instanceof UserError && says.test(error.message) && error.message.includes('kernel.elf'),
      );
    });
  }
});

/** A copy with other bytes from an offset on. */
function set(bytes: Uint8Array, offset: number, ...values: readonly number[]): Uint8Array {
  const changed = bytes.slice();
  changed.set(values, offset);
  return changed;
}

/** Sets 64 bits of the first PT_LOAD program header. */
function setLoad(bytes: Uint8Array, field: number, value: bigint): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  let header = Number(view.getBigUint64(32, true));
  while (view.getUint32(header, true) !== 1) header += 56;
  view.setBigUint64(header + field, value, true);
  return changed;
}

describe('the symbol table', () => {
  for (const flags of [[], ['-march=rv32imac', '-mabi=ilp32']]) {
    test(`of a ${flags.length > 0 ? '32' : '64'}-bit program has the values and sizes that readelf prints`, (t) => {
      if (!hasGcc) return t.skip(needsGcc);
      const file = bareMetal('0x80000000', flags);
      const symbols = readSymbols(openElf(fileSource(file)));
      const rows = [
        ...gnu('readelf', ['-sW', file]).matchAll(/^ +\d+: ([0-9a-f]+) +(\S+) (\w+) +(\w+) +\w+ +\w+ ?(.*)$/gm),
      ];
      assert.equal(symbols.count, rows.length);
      const types = ['NOTYPE', 'OBJECT', 'FUNC', 'SECTION', 'FILE'];
      const bindings = ['LOCAL', 'GLOBAL', 'WEAK'];
      for (const [row, [, value, size, type, binding, name]] of rows.entries()) {
        assert.equal(symbols.value(row), BigInt(`0x${value}`));
        assert.equal(symbols.size(row), Number(size));
        assert.equal(types[symbols.type(row)], type);
        assert.equal(bindings[symbols.binding(row)], binding);
        if (type !== 'SECTION') assert.equal(symbols.text(row), name);
      }
    });
  }
});
