import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys, virt } from '../../emulator/address.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { build, gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { withLines } from './programs.ts';

const at = (file: SymbolFile, address: bigint) => {
  const symbol = file.symbolAt(virt(address));
  return symbol && `${symbol.name}+${symbol.offset}`;
};

/** A function with labels in it, symbols that share an address, padding, and data. */
const layout = `
  .globl _start, shared, weak_name
  .weak weak_name
  .type _start, @function
  .option norvc
_start:
  nop
inside:
  nop
.Lhidden:
  nop
  .size _start, . - _start
  .balign 64
local_name:
weak_name:
shared:
  nop
  nop
  .type sized, @function
sized:
  nop
  .size sized, 4
  .space 60
  .data
  .type table, @object
table:
  .dword 1, 2, 3
  .size table, 24
marker:
  .dword 4
`;

describe('the symbol of an address', () => {
  const file = hasGcc
    ? new SymbolFile(fileSource(build({ 'layout.S': layout }, ['-Wl,-Ttext=0x80000000', '-mno-relax'])))
    : undefined;
  const cases: readonly [what: string, address: bigint, expected: string | undefined][] = [
    ['is the function that starts there', 0x80000000n, '_start+0'],
    ['is the function around it rather than a label in it', 0x80000004n, '_start+4'],
    ['is not a local label of the assembler', 0x80000008n, '_start+8'],
    ['is nothing in the padding between functions', 0x80000010n, undefined],
    ['is the global one of several that start there', 0x80000040n, 'shared+0'],
    ['is the label before it where no function spans it', 0x80000044n, 'shared+4'],
    ['is nothing behind the size of the last function', 0x8000004cn, undefined],
    ['is nothing outside of the sections', 0x90000000n, undefined],
    ['is nothing below the sections', 0x1000n, undefined],
  ];
  for (const [what, address, expected] of cases) {
    test(what, (t) => {
      if (!file) return t.skip(needsGcc);
      assert.equal(at(file, address), expected);
    });
  }

  test('is the object around it, and behind it the label', (t) => {
    if (!file) return t.skip(needsGcc);
    const [table] = file.symbolsNamed('table');
    assert.ok(table);
    assert.deepEqual([table.kind, table.size, table.global], ['object', 24, false]);
    assert.equal(at(file, table.value + 23n), 'table+23');
    assert.equal(at(file, table.value + 25n), 'marker+1');
    assert.equal(file.functionAt(table.value), undefined);
    assert.equal(file.functionAt(virt(0x80000004n))?.name, '_start');
  });
});

test('every function that nm lists is found by name, at its first and at its last byte', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const { elf } = withLines(['-O2']);
  const file = new SymbolFile(fileSource(elf));
  const rows = [...gnu('nm', ['-S', '--defined-only', elf]).matchAll(/^(\S+) (\S+) [Tt] (\S+)$/gm)];
  assert.ok(rows.length >= 3);
  for (const [, value, size, name = ''] of rows) {
    const [start, length] = [BigInt(`0x${value}`), BigInt(`0x${size}`)];
    assert.deepEqual(
      file.symbolsNamed(name).map((symbol) => [symbol.value, BigInt(symbol.size)]),
      [[start, length]],
    );
    assert.equal(at(file, start), `${name}+0`);
    assert.equal(at(file, start + length - 1n), `${name}+${length - 1n}`);
  }
});

test('names complete in order, up to a limit', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const file = new SymbolFile(fileSource(build({ 'layout.S': layout }, ['-Wl,-Ttext=0x80000000', '-mno-relax'])));
  assert.deepEqual(file.complete('s', 10), ['shared', 'sized']);
  assert.deepEqual(file.complete('s', 1), ['shared']);
  assert.deepEqual(file.complete('.L', 10), []);
  assert.deepEqual(file.complete('no such name', 10), []);
});

test('a name that is in two files gives both symbols, the global one first', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const sources = {
    'one.c': 'static __attribute__((noinline, used)) int same(void) { return 1; }\nvoid _start(void) { same(); }',
    'two.c': 'int same(void) { return 2; }',
  };
  const file = new SymbolFile(fileSource(build(sources, ['-Wl,-Ttext=0x80000000'])));
  assert.deepEqual(
    file.symbolsNamed('same').map((symbol) => symbol.global),
    [true, false],
  );
});

test('symbols answer for load addresses once the program is placed', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const file = new SymbolFile(fileSource(withLines([]).elf));
  const [main] = file.symbolsNamed('main');
  assert.ok(main);
  assert.equal(file.symbolAtPhysical(phys(main.value))?.name, 'main');
  file.place(phys(0x90000000n));
  const moved = phys(main.value + 0x10000000n);
  assert.equal(file.physicalOf(main.value), moved);
  assert.equal(file.linkAddressOf(moved), main.value);
  assert.equal(file.symbolAtPhysical(moved)?.name, 'main');
  assert.equal(file.symbolAtPhysical(phys(main.value)), undefined);
});

test('a stripped program has no symbols and no problems', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const file = new SymbolFile(fileSource(withLines(['-s']).elf));
  assert.equal(file.symbolCount, 0);
  assert.equal(file.symbolAt(file.entry), undefined);
  assert.deepEqual(file.problems, []);
});

test('a file that is no ELF gives one error that names it', () => {
  assert.throws(
    () => new SymbolFile(bytesSource('notes.txt', new TextEncoder().encode('no symbols\n'.repeat(20)))),
    (error) => error instanceof UserError && /^notes\.txt is not an ELF file/.test(error.message),
  );
});
