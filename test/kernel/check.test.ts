import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virt } from '../../emulator/address.ts';
import { Sv39 } from '../../emulator/mmu/modes.ts';
import { type CheckSubject, judgeExpectation, parseCheck, translationText } from '../../kernel/index.ts';
import { symbolsOf } from '../support/kernel-fixtures.ts';
import { A, D, PageTables, R, stillMachine, TestMemory, U, W, X } from '../support/page-tables.ts';

const wrong = (text: string) => {
  try {
    parseCheck(text, 'map.check');
  } catch (error) {
    return (error as Error).message;
  }
  return 'it is read';
};

describe('a check file', () => {
  test('is read line by line, with comments, points and modes', () => {
    const file = [
      '# the final map',
      'va _start +2M -> pa 0x80200000 R-X kernel page 2M   # text',
      'at symbol:start_kernel',
      'va 0x1000 .. 0x1fff not mapped in sv39,sv48',
      'no W+X at console:"Run \\"x\\" /init"',
      'pa 0x80000000 +4K not mapped',
      'mode Sv48',
    ].join('\n');
    assert.deepEqual(
      parseCheck(file, 'map.check').map(({ line, column, text, point, modes }) => [line, column, text, point, modes]),
      [
        [2, 1, 'va _start +2M -> pa 0x80200000 R-X kernel page 2M', 'end', []],
        [4, 1, 'va 0x1000 .. 0x1fff not mapped', 'symbol:start_kernel', ['sv39', 'sv48']],
        [5, 1, 'no W+X', 'console:Run "x" /init', []],
        [6, 1, 'pa 0x80000000 +4K not mapped', 'symbol:start_kernel', []],
        [7, 1, 'mode Sv48', 'symbol:start_kernel', []],
      ],
    );
  });

  for (const [text, message] of [
    [
      'va 0x1000',
      'map.check:1:10: what is expected is missing: -> pa ADDRESS, rights such as RX, not mapped, or same in every mode',
    ],
    ['\n  foo', 'map.check:2:3: "foo" begins no expectation: va, pa, no, mode, or at'],
    ['\x7fELF\0', 'map.check is no text, as a check file is. It comes before the kernel'],
    ['va 0x10zz RX', 'map.check:1:4: "0x10zz" is neither a number such as 0x80200000 nor a symbol'],
    ['va 0x1000 +0 RX', 'map.check:1:11: the size is 0'],
    ['va 0x2000 .. 0x1000 RX', 'map.check:1:14: the range ends before it begins'],
    ['va 0x1000 -> 0x2000', 'map.check:1:14: "pa" is missing after "->"'],
    [
      'va 0x1000 RX at nowhere',
      'map.check:1:17: "nowhere" is no point: satp:N, insn:N, symbol:NAME, console:"TEXT" or end',
    ],
    ['va 0x1000 RX in sv99', 'map.check:1:17: "sv99" is no paging mode: sv32, sv39, sv48 or sv57'],
    [
      'va 0x1000 RX quickly',
      'map.check:1:14: "quickly" is not understood here: at POINT, in MODE, or nothing may follow',
    ],
    ['pa 0x1000 RX', 'map.check:1:11: of a physical address only "not mapped" can be expected'],
    ['at console:"x', 'map.check:1:12: this quotation does not end'],
    ['mode sv38', 'map.check:1:6: "sv38" is no paging mode: Bare, Sv32, Sv39, Sv48 or Sv57'],
  ] as const) {
    test(`says what is wrong with ${JSON.stringify(text)}`, () => assert.equal(wrong(text), message));
  }

  test('names the lint rules when one is unknown', () =>
    assert.match(
      wrong('no such-rule'),
      /^map\.check:1:4: "such-rule" is no lint rule: W\+X, findings, writable-and-executable, /,
    ));
});

describe('expectations', () => {
  const tables = new PageTables(new TestMemory(64 * 4096), Sv39);
  tables.map(0x40000000n, 0x80004000n, R | X | A, 0, 2);
  tables.map(0x40002000n, 0x80006000n, R | W | A | D, 0, 2);
  tables.map(0x50000000n, 0x80008000n, R | W | U | A | D);
  const regions = [{ name: 'RAM', kind: 'ram', base: tables.memory.base, size: 0x40000n }] as const;
  const subject: CheckSubject = {
    machine: stillMachine(tables.memory, { regions }),
    space: tables.space(),
    symbols: symbolsOf(
      new Map([
        ['_start', 0x40000000n],
        ['_data', 0x40002000n],
        ['far', 0x90000000n],
      ]),
    ),
    images: [{ va: virt(0x40000000n), pa: 0x80004000n as never, size: 0x4000n }],
    lint: () => ({ profile: 'generic', findings: [] }),
  };
  const judge = (text: string, of = subject) => {
    const [expectation] = parseCheck(text, 'map.check');
    assert.ok(expectation);
    const { state, message } = judgeExpectation(expectation, of);
    return message === undefined ? state : `${state}: ${message}`;
  };

  for (const [text, result] of [
    ['va _start +8K -> pa _start R-X kernel page 4K PMA', 'passed'],
    ['va 0x40000000 .. 0x40003fff -> pa 0x80004000', 'passed'],
    ['va 0x40000000 +16K R-X', 'failed: 0x40002000 is RW-, not R-X'],
    ['va _start -> pa 0x80005000', 'failed: 0x40000000 is mapped to pa:0x80004000, not to pa:0x80005000'],
    ['va 0x40003000 +8K RW', 'failed: 0x40004000 is not mapped'],
    ['va _data+0x1000 RW', 'passed'],
    ['va 0x50000000 RW user', 'passed'],
    ['va 0x50000000 RW kernel', 'failed: 0x50000000 has U = 1: user programs may use it'],
    ['va _start RX global', 'failed: 0x40000000 is not global'],
    ['va _start RX page 2M', 'failed: 0x40000000 is in 4 KiB pages, not in 2 MiB'],
    ['va _start RX IO', 'failed: 0x40000000 has memory type PMA, not IO'],
    ['va 0x60000000 +1G not mapped', 'passed'],
    ['va 0x3ffff000 +8K not mapped', 'failed: 0x40000000 is mapped to pa:0x80004000 R-X'],
    ['pa 0x80005000 +4K not mapped', 'failed: pa:0x80005000 is mapped at 0x40001000, R-X'],
    ['pa 0x80000000 +4K not mapped', 'passed'],
    ['no W+X', 'passed'],
    ['mode Sv39', 'passed'],
    ['mode Bare', 'failed: the mode is Sv39'],
    ['va nobody RX', 'failed: no symbol is called nobody: give --symbols, or check the name'],
    ['va _start -> pa far', "failed: far is not in the kernel's image, so that its physical address is not known"],
    ['va _start same in every mode', 'skipped: only one paging mode was tried: name several, as in --mmu sv39,sv48'],
  ] as const) {
    test(`${text}: ${result}`, () => assert.equal(judge(text), result));
  }

  test('hold without translation too', () => {
    const bare = { ...subject, space: undefined };
    assert.equal(judge('va 0x80000000 +2M -> pa 0x80000000', bare), 'passed');
    assert.equal(judge('va 0x80000000 not mapped', bare), 'failed: 0x80000000 is mapped to pa:0x80000000 RWX');
  });

  test('W+X anywhere is found', () => {
    const other = new PageTables(new TestMemory(16 * 4096), Sv39);
    other.map(0x1000n, 0x80005000n, R | W | X | A | D, 0, 2);
    const held = { ...subject, machine: stillMachine(other.memory, { regions }), space: other.space() };
    assert.equal(judge('no W+X', held), 'failed: 0x1000–0x2fff is both writable and executable');
  });

  test('a place is compared between modes by what it translates to', () => {
    const [one] = parseCheck('va 0x40001000 +12K same in every mode', 'map.check');
    assert.ok(one?.demand.kind === 'same');
    assert.equal(translationText(one.demand.extent, subject), '+0x0 pa:0x80005000 R-X, +0x1000 pa:0x80006000 RW-');
  });
});
