import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wordAt } from '../../extension/language/words.ts';

describe('The word under the mouse', () => {
  const expressionAt = (line: string, part: string) => wordAt(line, line.indexOf(part))?.expression;

  test('registers, CSRs and symbols of assembly are whole', () => {
    assert.equal(expressionAt('  csrw satp, a0', 'satp'), 'satp');
    assert.equal(expressionAt('  csrw satp, a0', 'a0'), 'a0');
    assert.equal(expressionAt('  la t0, .Lloop$1', '.Lloop'), '.Lloop$1');
    assert.equal(expressionAt('  sd zero, 0(t0)', 't0'), 't0');
  });

  test('a symbol takes the offset that is written with it', () => {
    assert.equal(expressionAt('call start_kernel+0x1c', 'start'), 'start_kernel+0x1c');
  });

  test("addresses of the adapter's grammar are one word", () => {
    const line = 'see pa:0x80210000 and va:0xffffffff80000000@0x80210000:sv39.';
    assert.equal(expressionAt(line, 'pa:'), 'pa:0x80210000');
    assert.equal(expressionAt(line, '@'), 'va:0xffffffff80000000@0x80210000:sv39');
  });

  test('a number of C or Rust loses its suffix and its groups', () => {
    assert.equal(expressionAt('x = 0x80000000UL;', '0x8'), '0x80000000');
    assert.equal(expressionAt('let x = 0xffff_ffff;', '0xf'), '0xffffffff');
  });

  test('the macro of a CSR names the CSR', () => {
    assert.equal(expressionAt('csr_write(CSR_SATP, x);', 'CSR'), 'satp');
  });

  test('between words there is none', () => {
    assert.equal(wordAt('a0 , a1', 3), undefined);
    assert.equal(wordAt('a0', 2), undefined);
  });
});
