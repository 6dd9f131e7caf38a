import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decoderFor } from '../../emulator/isa/decode.ts';
import { isaText, misaOf, parseIsa } from '../../emulator/isa/isa-string.ts';
import type { CompressedRow, InstructionRow } from '../../emulator/isa/row.ts';
import { compressedInstructions, existsIn, instructionNamed, instructions } from '../../emulator/isa/table.ts';
import { UserError } from '../../emulator/user-error.ts';

/** A word of the row that no reserved operand spoils: registers 8, immediates odd. */
function wordOf(row: InstructionRow | CompressedRow): number {
  const isShort = 'expandsTo' in row;
  const fields = isShort ? 0x0454 : (8 << 7) | (8 << 15) | (8 << 20);
  return row.match | (fields & ~row.mask);
}

describe('the ISA string', () => {
  test('has a canonical form', () => {
    assert.equal(isaText(parseIsa('RV64GC_zicntr_sstc')), 'rv64imafdc_zicsr_zifencei_zicntr_sstc');
    assert.equal(isaText(parseIsa('rv32imac_sstc_zba')), 'rv32imac_zicsr_zifencei_zba_sstc');
    assert.equal(isaText(parseIsa('rv64imaczicsr')), 'rv64imac_zicsr_zifencei');
    assert.equal(isaText(parseIsa(isaText(parseIsa('rv64max')))), isaText(parseIsa('rv64max')));
  });

  test('an extension brings along what it cannot be without', () => {
    const has = (text: string, name: string) => parseIsa(text).extensions.has(name);
    assert.ok(has('rv64id', 'f'));
    assert.ok(['zba', 'zbb', 'zbs'].every((name) => has('rv64gcb', name)));
    assert.ok(!has('rv64gcb', 'zbc'));
    assert.ok(has('rv64i_zcb', 'c') && has('rv64i_zcb', 'zca'));
    assert.ok(has('rv64i_zfh', 'zfhmin') && has('rv64i_zfh', 'f'));
    assert.ok(has('rv64i_zabha', 'a') && has('rv64i_zacas', 'a'));
  });

  test('an unknown extension is an error that lists the known', () => {
    assert.throws(
      () => parseIsa('rv64gc_zvbb'),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /"zvbb".* zba zbb .*zacas|"zvbb".*zacas.* zba zbb /);
        return true;
      },
    );
    assert.throws(() => parseIsa('rv64gcv'), /"v" is not known/);
    assert.throws(() => parseIsa('rv128i'), /no ISA string/);
  });

  test('misa shows the letters', () => {
    const letters = (text: string) =>
      [...'abcdefghijklmnopqrstuvwxyz'].filter((_, bit) => (misaOf(parseIsa(text)) >> BigInt(bit)) & 1n).join('');
    assert.equal(letters('rv64imac_zba'), 'acimsu');
    assert.equal(letters('rv32gcb'), 'abcdfimsu');
    assert.equal(misaOf(parseIsa('rv64i')) >> 62n, 2n);
    assert.equal(misaOf(parseIsa('rv32i')) >> 30n, 1n);
  });
});

for (const xlen of [64, 32] as const) {
  describe(`the decoder of an RV${xlen} machine`, () => {
    const rows = [...instructions, ...compressedInstructions].filter((row) => existsIn(row, xlen));
    const inDefault = parseIsa('rv64gc_zicntr_zihpm_sstc').extensions;
    const extensionsOf = (row: InstructionRow | CompressedRow) => {
      const full = 'expandsTo' in row ? instructionNamed(row.expandsTo, xlen) : row;
      return [row.extension, full?.extension, full?.alsoNeeds].flatMap((name) => name?.toLowerCase() ?? []);
    };

    test('knows the extension of every row by the name in the ISA string', () => {
      const { extensions } = parseIsa(`rv${xlen}max`);
      for (const row of rows) for (const name of extensionsOf(row)) assert.ok(extensions.has(name), name);
    });

    test('decodes each row just where its extensions are named', () => {
      for (const row of rows) {
        const needed = extensionsOf(row).filter((name) => !inDefault.has(name));
        const named = (names: readonly string[]) => decoderFor(parseIsa([`rv${xlen}gc`, ...names].join('_')));
        const found = (names: readonly string[]) => {
          const instruction = named(names)(wordOf(row));
          return instruction?.compressed ?? instruction?.row;
        };
        assert.equal(found(needed), row, `${row.mnemonic} with ${needed}`);
        // Without one of them the word is no instruction, or the one that does nothing in whose place a hint stands.
        for (const left of needed) {
          const others = needed.filter((name) => name !== left && !parseIsa(`rv64gc_${name}`).extensions.has(left));
          const other = found(others);
          assert.ok(other === undefined || (other.mask !== row.mask && inDefault.has(other.extension.toLowerCase())));
        }
      }
    });

    test('without C has no compressed instruction', () => {
      const decode = decoderFor(parseIsa(`rv${xlen}g`));
      for (let word = 0; word < 0x10000; word += 1) if ((word & 3) !== 3) assert.equal(decode(word), undefined);
    });
  });
}
