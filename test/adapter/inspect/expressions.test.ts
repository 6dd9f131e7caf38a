import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  evaluateCondition,
  evaluateText,
  formatLogMessage,
  formatNumber,
  valueText,
} from '../../../debug-adapter/expressions/index.ts';
import { UserError } from '../../../emulator/user-error.ts';
import { fixture, mapPage, RAM } from './fixture.ts';

const MAX = (1n << 64n) - 1n;

function setup() {
  const on = fixture({ _start: RAM, start_kernel: 0xffffffff80000800n, time: 0x5000n, 'copy.isra.0': 0x6000n });
  on.x[10] = MAX;
  on.x[11] = RAM + 0x40n;
  on.store(RAM + 0x40n, 0x8877665544332211n);
  on.store(RAM + 0x48n, 0xfedcba9876543210n);
  return on;
}

const bits = (text: string, on = setup()) => evaluateText(text, on).value.bits;

describe('expressions', () => {
  test('numbers are decimal, hexadecimal, binary or octal, with underscores', () => {
    assert.equal(bits('42'), 42n);
    assert.equal(bits('0xFFFF_ffff_8000_0000'), 0xffffffff80000000n);
    assert.equal(bits('0b1010_1010'), 0xaan);
    assert.equal(bits('0o17'), 15n);
  });

  test('operators bind and associate as in C', () => {
    assert.equal(bits('1 + 2 * 3'), 7n);
    assert.equal(bits('10 - 3 - 2'), 5n);
    assert.equal(bits('1 << 2 + 1'), 8n);
    assert.equal(bits('1 | 2 ^ 3 & 4'), 3n);
    assert.equal(bits('1 == 1 && 2 < 1 || 3 != 4'), 1n);
    assert.equal(bits('0 ? 1 : 0 ? 2 : 3'), 3n);
    assert.equal(bits('-2 + ~0'), MAX - 2n);
    assert.equal(bits('!(5 % 5)'), 1n);
  });

  test('registers are unsigned, casts and literals may be signed, as in C', () => {
    assert.equal(bits('a0 < 0'), 0n);
    assert.equal(bits('(s64)a0 < 0'), 1n);
    assert.equal(bits('a0 == -1'), 1n);
    assert.equal(bits('a0 >> 60'), 15n);
    assert.equal(bits('(s64)a0 >> 60'), MAX);
    assert.equal(bits('-7 / 2'), MAX - 2n);
    assert.equal(bits('(s8)0x80'), MAX - 127n);
    assert.equal(bits('(u16)a0'), 0xffffn);
    assert.equal(bits('0xffffffffffffffff > 0'), 1n);
  });

  test('a register has two names and may carry a dollar', () => {
    for (const name of ['a0', '$a0', 'x10', '$x10']) assert.equal(bits(name), MAX);
    assert.equal(bits('pc'), RAM);
    assert.equal(bits('fp'), bits('s0'));
  });

  test('CSRs and their fields are read by name', () => {
    const on = setup();
    on.csrs.set(0x180, (8n << 60n) | (5n << 44n) | 0x80210n);
    on.csrs.set(0x300, 1n << 11n);
    assert.equal(bits('satp.MODE', on), 8n);
    assert.equal(bits('satp.asid', on), 5n);
    assert.equal(bits('satp.PPN << 12', on), 0x80210000n);
    assert.equal(bits('mstatus.MPP == S', on), 1n);
    assert.equal(bits('satp.MODE == Sv39', on), 1n);
  });

  test('a symbol is its address; & names the symbol where a CSR has the same name', () => {
    assert.equal(bits('start_kernel + 8'), 0xffffffff80000808n);
    assert.equal(bits('copy.isra.0'), 0x6000n);
    assert.equal(bits('&time'), 0x5000n);
  });

  test('memory is read by the pointed-to type, sign and all', () => {
    assert.equal(bits('*a1'), 0x8877665544332211n);
    assert.equal(bits('*(u32*)a1'), 0x44332211n);
    assert.equal(bits('u8[a1 + 7]'), 0x88n);
    assert.equal(bits('*(s8*)(a1 + 7)'), BigInt.asUintN(64, -120n));
    assert.equal(bits('a1[1]'), 0xfedcba9876543210n);
    assert.equal(bits('*((u16*)a1 + 2)'), 0x6655n);
    assert.equal(bits('((u8*)a1)[3]'), 0x44n);
    assert.equal(bits('&a1[3] - &a1[1]'), 2n);
    assert.equal(bits('(u64)&a1[3] - (u64)&a1[1]'), 16n);
    assert.equal(bits('*pa:0x80000040'), 0x8877665544332211n);
  });

  test('a virtual address is read through the page tables, a physical one is not', () => {
    const on = setup();
    const va = 0xffffffc000005000n;
    mapPage(on, va, RAM, 0xcfn);
    assert.equal(bits(`*(${va} + 0x40)`, on), 0x8877665544332211n);
    assert.throws(() => bits('*0x80000040', on), /0x80000040 is not mapped/);
    assert.equal(bits('*(pa:0x80000000 + 0x40)', on), 0x8877665544332211n);
    on.csrs.set(0x180, 0n);
    assert.equal(bits(`*va:${va + 0x40n}@0x80001000:sv39`, on), 0x8877665544332211n);
    assert.throws(() => bits(`*va:${va}@0x80001000`, on), /the paging mode must be named/);
  });

  test('pa, pte, walk and mapped answer about translations', () => {
    const on = setup();
    mapPage(on, 0x7000n, RAM, 0x43n);
    assert.equal(valueText(on, evaluateText('pa(0x7040)', on).value), 'pa:0x80000040 <_start+0x40>');
    assert.equal(bits('pte(0x7000, 0)', on), (RAM >> 2n) | 0x43n);
    assert.equal(bits('mapped(0x7000)', on), 1n);
    assert.equal(bits('mapped(0x7000, "store")', on), 0n);
    assert.equal(bits("mapped(0x7000, 'fetch')", on), 0n);
    const walked = evaluateText('walk(0x7000, "store")', on).value.walk;
    assert.equal(walked && !walked.ok && walked.reason, 'not-writable');
    assert.throws(() => bits('pte(0x7000, 4)', on), /reads no entry at level 4/);
  });

  test('event variables are what the caller supplies', () => {
    const on = { ...setup(), events: { mode: 8n, root: 0x80210000n, old: 0n } };
    assert.equal(evaluateCondition('$mode == Sv39 && $root == 0x80210000', on), true);
    assert.equal(evaluateCondition('$old', on), false);
    assert.throws(() => evaluateCondition('$tval', on), /\$tval is neither a register nor a CSR/);
  });

  test('a value of the size of an address is hexadecimal with its symbol, a count is decimal', () => {
    const on = setup();
    const text = (expression: string) => valueText(on, evaluateText(expression, on).value);
    assert.equal(text('0x80000000 + 8'), '0x80000008 <_start+0x8>');
    assert.equal(text('start_kernel'), '0xffffffff80000800 <start_kernel>');
    assert.equal(text('2 + 3'), '5');
    assert.equal(text('-1'), '-1');
    assert.equal(text('pa:0x80000000'), 'pa:0x80000000 <_start>');
    on.csrs.set(0x180, (8n << 60n) | 0x80210n);
    assert.equal(text('satp'), '0x8000000000080210 Sv39, ASID 0, root pa:0x80210000');
    assert.equal(text('satp.MODE'), 'Sv39 (8)');
  });

  test('a format suffix chooses the radix', () => {
    const formatted = (text: string) => {
      const on = setup();
      const { value, radix } = evaluateText(text, on);
      return formatNumber(value, radix);
    };
    assert.equal(formatted('10,x'), '0xa');
    assert.equal(formatted('a0,d'), String(MAX));
    assert.equal(formatted('-1,d'), '-1');
    assert.equal(formatted('5,b'), '0b101');
    assert.equal(formatted('(s8)-1,x'), '0xff');
    assert.equal(formatted('8,o'), '0o10');
  });

  test('a log message shows each expression in braces, and what is wrong with it', () => {
    const on = setup();
    assert.equal(formatLogMessage('a1={a1} n={1+1,d} \\{x\\}', on), 'a1=0x80000040 <_start+0x40> n=2 {x}');
    assert.match(formatLogMessage('{nothing}', on), /^<No register, CSR or symbol is named nothing \(column 1/);
  });

  test('a mistake is one sentence with its column', () => {
    const mistakes: [string, RegExp][] = [
      ['', /empty/],
      ['1 +', /ends too early \(column 4/],
      ['1 + )', /A value is expected, not "\)" \(column 5/],
      ['(1', /"\)" is missing before the end/],
      ['1 2', /"2" does not continue the expression \(column 3/],
      ['0xzz', /"0xzz" is not a number/],
      ['0x1_0000_0000_0000_0000', /64 bits/],
      ['a0 # b', /"#" has no meaning here \(column 4/],
      ['1 / (a1 - a1)', /Division by zero \(column 3/],
      ['nosuch(1)', /no function nosuch/],
      ['walk()', /It is written walk/],
      ['walk(1, "read")', /"load", "store" or "fetch"/],
      ['satp.NOPE', /No register, CSR or symbol is named satp.NOPE/],
      ['a0,q', /a format is expected/],
      [`${'('.repeat(5000)}1`, /nested too deeply/],
      ['constructor', /No register/],
      ['toString()', /no function toString/],
      ['"text" + 1', /not in memory/],
      ['a0 = 1', /compare with ==/],
      ['(struct)a0', /A name is missing behind "struct"/],
      ['(struct page *)a0', /No type is named struct page/],
      ['sizeof(struct page)', /No type is named struct page/],
      ['a0->flags', /u64 is no struct/],
      ['*(void *)a1', /does not say what it points to/],
      ['&a0', /No symbol is named a0/],
      ['a1@0', /Before "@" stands something in memory/],
    ];
    for (const [text, message] of mistakes) {
      assert.throws(
        () => evaluateText(text, setup()),
        (error) => error instanceof UserError && message.test(error.message),
        text,
      );
    }
  });

  test('any text is a value or a mistake, never a failure of ours', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    let state = seed;
    const below = (limit: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
    const words =
      'a0 pc satp . MODE $ 0x40 1 99 pa: va: @ : sv39 ( ) [ ] * & - ! ~ + / % << >> == < ? && u32 s8 walk pte , x "'.split(
        ' ',
      );
    const on = setup();
    mapPage(on, 0x7000n, RAM, 0x43n);
    for (let round = 0; round < 5000; round += 1) {
      const text = Array.from({ length: 1 + below(9) }, () => words[below(words.length)]).join(below(2) ? ' ' : '');
      try {
        const { value, radix } = evaluateText(text, on);
        assert.equal(value.bits, BigInt.asUintN(64, value.bits), `seed ${seed}: ${text}`);
        valueText(on, value, radix);
      } catch (error) {
        assert.ok(error instanceof UserError, `seed ${seed}: ${text}: ${(error as Error).stack}`);
      }
    }
  });
});
