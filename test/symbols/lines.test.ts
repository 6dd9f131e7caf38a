import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflate } from '../../debug-adapter/node-host.ts';
import { hex, virt } from '../../emulator/address.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { build, gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { decodedLines, lineFinder } from './decoded-lines.ts';
import { withLines } from './programs.ts';

function open(elf: string): SymbolFile {
  return new SymbolFile(fileSource(elf), { inflate });
}

/** `path:line` of each address by addr2line; undefined where it knows none. */
function addr2line(elf: string, addresses: readonly bigint[]): (string | undefined)[] {
  const text = gnu('addr2line', ['-e', elf], addresses.map((address) => `${hex(address)}\n`).join(''));
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/ \(discriminator \d+\)$/, ''))
    .map((line) => (/:[0?]$/.test(line) ? undefined : line));
}

function textAddresses(file: SymbolFile): bigint[] {
  const text = file.sections.find(({ name }) => name === '.text');
  assert.ok(text);
  return Array.from({ length: text.size / 2 }, (_, i) => text.va + BigInt(2 * i));
}

/** Every address of .text has the line that readelf's rows give, and the path and line of addr2line where it has any. */
function agrees(elf: string): void {
  const file = open(elf);
  const lineOf = lineFinder(decodedLines(elf));
  const addresses = textAddresses(file);
  const found = addresses.map((address) => {
    const at = file.lineAt(virt(address));
    return at && `${at.file}:${at.line}`;
  });
  assert.deepEqual(
    found.map((text) => text?.split('/').at(-1)),
    addresses.map(lineOf),
  );
  // addr2line 2.40 trusts the unit's high_pc, which relaxation leaves behind, and reads little of 64-bit DWARF.
  const expected = addr2line(elf, addresses);
  const known = addresses.flatMap((_, i) => (expected[i] ? [i] : []));
  assert.ok(known.length >= 7);
  assert.deepEqual(
    known.map((i) => found[i]),
    known.map((i) => expected[i]),
  );
  assert.deepEqual(file.problems, []);
}

const kinds: readonly (readonly string[])[] = [
  ['-gdwarf-2', '-Wa,-gdwarf-2'],
  ['-gdwarf-3'],
  ['-gdwarf-4'],
  ['-gdwarf-5'],
  ['-gdwarf-5', '-gdwarf64'],
  ['-gdwarf-4', '-gdwarf64'],
  ['-gdwarf-5', '-gz=zlib'],
  ['-gdwarf-5', '-Wl,--compress-debug-sections=zstd'],
  ['-gdwarf-4', '-Wl,--compress-debug-sections=zlib-gnu'],
  ['-gdwarf-5', '-mno-relax'],
  ['-gdwarf-5', '-ffunction-sections', '-Wl,--gc-sections'],
  ['-gdwarf-5', '-march=rv32imac', '-mabi=ilp32'],
];

for (const kind of kinds) {
  for (const optimize of ['-O0', '-O2']) {
    describe(`lines of ${[...kind, optimize].join(' ')}`, () => {
      test('are those that readelf and addr2line print for every address', (t) => {
        if (!hasGcc) return t.skip(needsGcc);
        agrees(withLines([...kind, optimize]).elf);
      });

      test('have addresses that are statements of that line for readelf, the lowest one among them', (t) => {
        if (!hasGcc) return t.skip(needsGcc);
        const program = withLines([...kind, optimize]);
        const file = open(program.elf);
        const rows = decodedLines(program.elf).filter((row) => row.isStmt && row.line !== undefined);
        for (const [name, path] of [
          ['main.c', program.main],
          ['helper.h', program.header],
        ] as const) {
          const own = rows.filter((row) => row.file === name);
          const lines = [...new Set(own.map((row) => row.line ?? 0))].sort((a, b) => a - b);
          assert.ok(lines.length >= 2);
          for (let line = 1; line <= 20; line++) {
            const nearest = lines.find((candidate) => candidate >= line);
            const stops = file.addressesOf(path, line);
            const expected = own.filter((row) => row.line === nearest).map((row) => row.address);
            assert.deepEqual([...new Set(stops.map((stop) => stop.line))], nearest === undefined ? [] : [nearest]);
            for (const { va } of stops) assert.ok(expected.includes(va), `${name}:${line} at ${hex(va)}`);
          }
        }
      });
    });
  }
}

test('the debug sections may be without .debug_aranges', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const { elf } = withLines(['-gdwarf-5', '-O2']);
  gnu('objcopy', ['-R', '.debug_aranges', elf]);
  agrees(elf);
});

test('inlined code has an address for each of its copies, a loop in its own function has one', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const { elf, main, header } = withLines(['-gdwarf-5', '-O0']);
  const file = open(elf);
  assert.equal(file.addressesOf(header, 3).length, 2);
  assert.equal(file.addressesOf(main, 8).length, 1);
});

test('a path is found by its tail, and not by its name alone when its folder differs', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const { elf, main } = withLines(['-gdwarf-5']);
  const file = open(elf);
  const stops = file.addressesOf(main, 12);
  assert.equal(stops.length, 1);
  const folder = main.split('/').at(-2);
  for (const path of [
    'main.c',
    `${folder}/main.c`,
    `/elsewhere/${folder}/main.c`,
    `C:\\elsewhere\\${folder}\\main.c`,
  ]) {
    assert.deepEqual(file.addressesOf(path, 12), stops, path);
  }
  assert.deepEqual(file.addressesOf('/elsewhere/main.c', 12), []);
  assert.deepEqual(file.addressesOf('/elsewhere/other.c', 12), []);
  assert.ok(file.sourceFiles().includes(main));
});

test("a function breakpoint goes behind patchable padding, and the padding shows the function's line", (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const { elf, main } = withLines(['-gdwarf-5', '-O0', '-fpatchable-function-entry=4']);
  const file = open(elf);
  const [triple] = file.symbolsNamed('triple');
  assert.ok(triple);
  assert.equal(file.functionEntry(triple), virt(triple.value + 8n));
  assert.deepEqual(file.lineAt(triple.value), { file: main, line: 3, column: 52 });
  const [start] = file.symbolsNamed('_start');
  assert.ok(start);
  assert.equal(file.functionEntry(start), start.value);
});

test('operation indices of a VLIW line program advance addresses as readelf says', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const elf = build({ 'vliw.S': vliw }, ['-Wl,-Ttext=0x80000000', '-mno-relax']);
  const file = open(elf);
  const rows = decodedLines(elf).filter((row) => row.line !== undefined);
  const last = new Map(rows.map(({ address, line }) => [address, line]));
  assert.ok(last.size >= 3);
  for (const [address, line] of last) assert.deepEqual(file.lineAt(virt(address)), { file: 'vliw.c', line, column: 0 });
  assert.deepEqual(file.problems, []);
});

test('a program without debug information has no lines and no problems', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const file = open(withLines(['-g0']).elf);
  const [main] = file.symbolsNamed('main');
  assert.ok(main);
  assert.deepEqual(
    [file.lineAt(main.value), file.addressesOf('main.c', 9), file.functionEntry(main)],
    [undefined, [], main.value],
  );
  assert.deepEqual(file.problems, []);
});

/** A hand-made DWARF 4 line table: 4 operations an instruction of 8 bytes, special opcodes, const_add_pc, advance_pc. */
const vliw = `
  .globl _start
_start: .space 128
  .section .debug_line, "", @progbits
  .4byte end - begin
begin:
  .2byte 4
  .4byte program - tables
tables:
  .byte 8, 4, 1, -3, 12, 13
  .byte 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1
  .byte 0
  .asciz "vliw.c"
  .byte 0, 0, 0
  .byte 0
program:
  .byte 0, 9, 2
  .8byte _start
  .byte 13 + 3 + 4      # line += 4 at operation 0
  .byte 13 + 12 * 3 + 5 # 3 operations on: the same instruction
  .byte 13 + 12 * 2 + 4 # 2 operations on: the next one
  .byte 8               # const_add_pc
  .byte 3, 10           # advance_line 10
  .byte 1               # copy
  .byte 2, 7            # advance_pc 7 operations
  .byte 13 + 3 + 1
  .byte 2, 4
  .byte 0, 1, 1
end:
`;
