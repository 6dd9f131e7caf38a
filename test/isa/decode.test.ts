import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virt } from '../../emulator/address.ts';
import { decode, lengthOf } from '../../emulator/isa/decode.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import { aliases } from '../../emulator/isa/pseudo.ts';
import { registerNamed } from '../../emulator/isa/registers.ts';
import { compressedInstructions, existsIn, instructionNamed, instructions } from '../../emulator/isa/table.ts';

for (const xlen of [64, 32] as const) {
  describe(`the instruction table of RV${xlen}`, () => {
    const rows = instructions.filter((row) => existsIn(row, xlen));
    const short = compressedInstructions.filter((row) => existsIn(row, xlen));

    test('no word is two instructions, unless one is a special case of the other', () => {
      for (const [index, a] of rows.entries()) {
        for (const b of rows.slice(index + 1)) {
          const apart = (a.match ^ b.match) & a.mask & b.mask;
          const special = a.mask !== b.mask && [a.mask, b.mask].includes(a.mask | b.mask);
          assert.ok(apart !== 0 || special, `${a.mnemonic} and ${b.mnemonic} overlap`);
        }
      }
    });

    test('no halfword is two compressed instructions, unless one is of that halfword alone', () => {
      for (let word = 0; word < 0x10000; word += 1) {
        const fitting = short
          .filter(({ mask, match, operands }) => (word & mask) === match && operands(word))
          .filter(({ mask }) => mask !== 0xffff);
        assert.ok(fitting.length < 2, `${word.toString(16)}: ${fitting.map((row) => row.mnemonic)}`);
      }
    });

    test('every row has generated code or a host operation', () => {
      for (const row of rows) assert.ok(row.semantics || row.host, row.mnemonic);
    });

    test('every match lies within its mask, and ends in 11 where the instruction has 32 bits', () => {
      for (const row of [...rows, ...short]) assert.equal(row.match & ~row.mask, 0, row.mnemonic);
      for (const row of rows) assert.equal(row.match & row.mask & 3, 3, row.mnemonic);
    });

    test('every compressed instruction expands to a row', () => {
      for (const row of short) assert.ok(instructionNamed(row.expandsTo, xlen), row.mnemonic);
    });
  });
}

test('every pseudo-instruction stands for an instruction of the table', () => {
  const names = new Set([...instructions, ...compressedInstructions].map((row) => row.mnemonic));
  for (const { mnemonic, of } of aliases) assert.ok(names.has(of), `${mnemonic} stands for ${of}`);
});

test('the two low bits tell the length of an instruction', () => {
  assert.deepEqual([0, 1, 2, 3, 0x8067].map(lengthOf), [2, 2, 2, 4, 4]);
});

test('bits above a compressed instruction are ignored', () => {
  assert.equal(decode(0xffff8082 | 0, 64)?.compressed?.mnemonic, 'c.jr');
  assert.equal(decode(0xffff8082, 64)?.word, 0x8082);
});

test('reserved words are no instructions', () => {
  const reserved = [0x0000, 0x9cfd, 0x6101, 0x2001, 0x4002, 0x8002, 0x9c79, 0xffffffff, 0x0000007f];
  for (const word of reserved) assert.equal(decode(word, 64), undefined, word.toString(16));
});

test('a shift amount of 32 or more is reserved on RV32', () => {
  assert.equal(decode(0x02051513, 64)?.row.mnemonic, 'slli');
  assert.equal(decode(0x02051513, 32), undefined);
  assert.equal(decode(0x1502, 32), undefined);
});

test('a branch names where it leads', () => {
  const place = {
    address: virt(0xffffffff80001000n),
    xlen: 64,
    symbol: (address: bigint) => (address === 0xffffffff80001010n ? 'start+0x10' : undefined),
  } as const;
  assert.equal(disassembleWord(0x00050863, place), 'beqz a0,0xffffffff80001010 <start+0x10>');
  assert.equal(disassembleWord(0x00050463, place), 'beqz a0,0xffffffff80001008');
  assert.equal(disassembleWord(0xffffffff, place), '.insn 4, 0xffffffff');
});

test('an address past the end of a 32-bit space wraps', () => {
  assert.equal(disassembleWord(0x0080006f, { address: virt(0xfffffffcn), xlen: 32 }), 'j 0x4');
});

test('a register has a number, an ABI name and for x8 a second one', () => {
  assert.deepEqual(registerNamed('fp'), { file: 'x', index: 8 });
  assert.deepEqual(registerNamed('s0'), { file: 'x', index: 8 });
  assert.deepEqual(registerNamed('x31'), { file: 'x', index: 31 });
  assert.deepEqual(registerNamed('fa0'), { file: 'f', index: 10 });
  assert.equal(registerNamed('x32'), undefined);
});
