import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, phys, virt } from '../../emulator/address.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { randomFrom } from '../support/page-tables.ts';
import { gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { decodedLines, lineFinder } from './decoded-lines.ts';
import { compareRows } from './line-rows.ts';
import { sampleLines } from './line-sample.ts';

const kernels = ['linux-5.10-rv64', 'linux-6.1-rv32', 'linux-6.12-rv64-kaslr'];

for (const kernel of [...kernels, 'linux-6.12-debian']) {
  const vmlinux = guestFile(`${kernel}/vmlinux`);
  test(`whole line tables of ${kernel}, a random sample of units, are row by row those that readelf decodes`, async (t) => {
    if (!hasGcc || !vmlinux) return t.skip(hasGcc ? `needs the guest ${kernel}: set PAGEWALK_GUESTS` : needsGcc);
    const seed = Number(process.env.SEED ?? Date.now() & 0x7fffffff);
    t.diagnostic(`seed ${seed}`);
    const sample = sampleLines(vmlinux, 40, randomFrom(seed));
    const { rows, examples } = await compareRows(vmlinux, sample);
    assert.deepEqual(examples, [], `seed ${seed}`);
    assert.ok(sample.units.length > 20 && rows > 1000, `${sample.units.length} units, ${rows} rows`);
  });
}

for (const kernel of kernels) {
  describe(kernel, () => {
    const vmlinux = guestFile(`${kernel}/vmlinux`);
    const missing = hasGcc ? `needs the guest ${kernel}: set PAGEWALK_GUESTS` : needsGcc;
    const ready = hasGcc && vmlinux !== undefined;

    test('every function that nm lists is the symbol of its first and of its last byte', (t) => {
      if (!ready) return t.skip(missing);
      const file = new SymbolFile(fileSource(vmlinux));
      const functions = [
        ...gnu('readelf', ['-sW', vmlinux]).matchAll(/: ([0-9a-f]+) +(\d+) FUNC +\w+ +\w+ +\d+ (\S+)$/gm),
      ]
        .map(([, value, size, name]) => ({ start: BigInt(`0x${value}`), size: BigInt(size ?? 0), name }))
        .filter(({ size }) => size > 0n);
      const aliases = new Map<bigint, string[]>();
      for (const { start, name = '' } of functions) aliases.set(start, [...(aliases.get(start) ?? []), name]);
      assert.ok(functions.length > 5000);
      for (const { start, size } of functions) {
        const names = aliases.get(start) ?? [];
        assert.ok(names.includes(file.symbolAt(virt(start))?.name ?? ''), hex(start));
        const last = file.symbolAt(virt(start + size - 1n));
        // Assembly nests functions: the innermost may be another one.
        assert.ok(last && (names.includes(last.name) || last.value > start), hex(start));
      }
    });

    // Decoding a kernel's lines takes readelf seconds: two of the three kernels have all versions of DWARF between them.
    if (kernel === 'linux-6.12-rv64-kaslr') return;

    test('a sample of functions has the lines that readelf decodes, in the middle and at the end', (t) => {
      if (!ready) return t.skip(missing);
      const file = new SymbolFile(fileSource(vmlinux));
      const lineOf = lineFinder(decodedLines(vmlinux));
      const functions = [...gnu('nm', ['-S', vmlinux]).matchAll(/^(\S+) (\S+) [Tt] /gm)];
      const addresses = functions
        .filter((_, i) => i % 10 === 0)
        .flatMap(([, value, size]) => {
          const [start, length] = [BigInt(`0x${value}`), BigInt(`0x${size}`)];
          return [start + ((length / 2n) & ~1n), start + length - 2n];
        });
      assert.ok(addresses.length > 1000);
      const found = addresses.map((address) => {
        const at = file.lineAt(virt(address));
        return at && `${at.file.split('/').at(-1)}:${at.line}`;
      });
      assert.deepEqual(found, addresses.map(lineOf));
      assert.deepEqual(file.problems, []);
    });
  });
}

describe("Debian's vmlinux of 302 MB", () => {
  const vmlinux = guestFile('linux-6.12-debian/vmlinux');
  const missing = 'needs the guest linux-6.12-debian: set PAGEWALK_GUESTS';

  test('finds a symbol in less than a second of CPU time and in less than 60 MB', (t) => {
    if (!vmlinux) return t.skip(missing);
    const [before, used] = [process.memoryUsage(), process.cpuUsage()];
    const file = new SymbolFile(fileSource(vmlinux));
    const [start] = file.symbolsNamed('start_kernel');
    assert.equal(start?.value, 0xffffffff80c008bcn);
    const { user, system } = process.cpuUsage(used);
    t.diagnostic(`${Math.round((user + system) / 1000)} ms of CPU time for ${file.symbolCount} symbols`);
    assert.ok(user + system < 1_000_000);
    assert.ok(process.memoryUsage().arrayBuffers - before.arrayBuffers < 60e6);
  });

  test('names load addresses before paging as link addresses after it', (t) => {
    if (!vmlinux) return t.skip(missing);
    const file = new SymbolFile(fileSource(vmlinux));
    file.place(phys(0x80200000n));
    const before = file.symbolAtPhysical(phys(0x80201058n));
    const after = file.symbolAt(virt(0xffffffff80001058n));
    assert.deepEqual([before?.name, before?.offset], ['relocate_enable_mmu', 0x58]);
    assert.deepEqual(before, after);
  });

  test('has function entries behind their patchable padding, and the lines of inlined code', (t) => {
    if (!vmlinux) return t.skip(missing);
    const file = new SymbolFile(fileSource(vmlinux));
    const [start] = file.symbolsNamed('start_kernel');
    assert.ok(start);
    assert.equal(file.functionEntry(start), virt(start.value + 8n));
    const line = { file: 'debian/build/build_riscv64_none_riscv64/init/main.c', line: 870, column: 1 };
    assert.deepEqual(file.lineAt(start.value), line);
    assert.deepEqual(file.lineAt(file.functionEntry(start)), line);
    const [stop] = file.addressesOf('/somewhere/linux/init/main.c', 870);
    assert.equal(stop?.va, file.functionEntry(start));
    assert.deepEqual(file.problems, []);
  });
});
