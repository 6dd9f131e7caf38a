// Decoder and disassembler against GNU objdump and as: an assembler fed by the decoder's own table would prove nothing.
// SEED=n gives other operands.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virt } from '../../emulator/address.ts';
import { decode, lengthOf } from '../../emulator/isa/decode.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import { aliases } from '../../emulator/isa/pseudo.ts';
import { existsIn, instructionNamed, instructions } from '../../emulator/isa/table.ts';
import { assemble, bytesOf, missingTools, objdump } from './binutils.ts';
import { randomNumbers, wordsOf, wordsOfAlias } from './random-words.ts';

const seed = Number(process.env.SEED ?? 1);
const skip = missingTools() ?? false;

/** Encodings that the manual reserves (or gives to custom extensions on RV32) and objdump prints all the same. */
function isReserved(halfword: number, xlen: 32 | 64): boolean {
  const wideShift = halfword & 0x1000 && ((halfword & 0xe003) === 0x0002 || (halfword & 0xe803) === 0x8001);
  return halfword === 0x6101 || (xlen === 32 && Boolean(wideShift));
}

const allHalfwords = Array.from({ length: 0x10000 }, (_, halfword) => halfword).filter((word) => lengthOf(word) === 2);

/** Relative targets, which an assembler takes wherever the line stands. */
function relative(text: string, word: number, xlen: 32 | 64): string {
  const instruction = decode(word, xlen);
  if (instruction?.row.format !== 'B' && instruction?.row.format !== 'J') return text;
  const { imm } = instruction.operands;
  return text.replace(/0x[0-9a-f]+$/, `.${imm < 0 ? '' : '+'}${imm}`);
}

for (const xlen of [64, 32] as const) {
  describe(`RV${xlen} instruction text and encodings`, { skip }, () => {
    const random = randomNumbers(seed);
    const rows = instructions.filter((row) => existsIn(row, xlen));
    const words = [
      ...rows.flatMap((row) => wordsOf(row, 60, xlen, random)),
      ...aliases.flatMap((alias) => {
        const row = instructionNamed(alias.of, xlen);
        return row ? wordsOfAlias(alias, row, 6, xlen, random) : [];
      }),
    ];
    const textAt = (address: number, word: number) => disassembleWord(word, { address: virt(address), xlen });

    test('every row of the table is decoded as itself', (t) => {
      t.diagnostic(`seed ${seed}`);
      for (const row of rows) {
        for (const word of wordsOf(row, 20, xlen, random)) {
          const decoded = decode(word, xlen)?.row;
          const special = decoded && (decoded.match & row.mask) === row.match && (decoded.mask & row.mask) === row.mask;
          assert.ok(special, `${row.mnemonic} ${(word >>> 0).toString(16)}`);
        }
      }
    });

    test('every row and pseudo-instruction prints as objdump prints it', (t) => {
      t.diagnostic(`seed ${seed}`);
      for (const [index, line] of objdump(words, xlen).entries()) {
        const word = words[index] as number;
        assert.equal(line.length, 4);
        assert.equal(textAt(line.address, word), line.text, (word >>> 0).toString(16));
      }
    });

    test('every halfword prints as objdump prints it', () => {
      for (const [index, line] of objdump(allHalfwords, xlen).entries()) {
        const word = allHalfwords[index] as number;
        assert.equal(line.length, 2);
        if (isReserved(word, xlen)) assert.equal(decode(word, xlen), undefined);
        else assert.equal(textAt(line.address, word), line.text, word.toString(16));
      }
    });

    test('GNU as makes the same words of the text of every row', (t) => {
      t.diagnostic(`seed ${seed}`);
      // Reserved values of rm and of a fence's sets have no name that as would take.
      const nameable = words.filter((word) => !textAt(0, word).includes('unknown'));
      const lines = nameable.map((word) => relative(textAt(0, word), word, xlen));
      assert.deepEqual(assemble(lines, xlen, false), bytesOf(nameable));
    });

    test('GNU as makes the same halfwords of the text of every compressed instruction', () => {
      const byText = new Map<string, number[]>();
      for (const word of allHalfwords) {
        const instruction = decode(word, xlen);
        if (!instruction) continue;
        // A hint whose text as takes for c.mv.
        if (instruction.compressed?.mnemonic === 'c.addi' && instruction.operands.imm === 0) continue;
        // as never chooses c.jal and c.ntl by itself.
        const text = relative(textAt(0, word), word, xlen).replace(/^(jal|ntl\.)/, 'c.$1');
        byText.set(text, [...(byText.get(text) ?? []), word]);
      }
      const unambiguous = [...byText].filter(([, same]) => same.length === 1);
      const halfwords = unambiguous.map(([, same]) => same[0] as number);
      assert.deepEqual(
        assemble(
          unambiguous.map(([text]) => text),
          xlen,
          true,
        ),
        bytesOf(halfwords),
      );
    });
  });
}
