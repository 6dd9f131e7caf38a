// The command line's own grammar: points, numbers, console texts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { launchOf, limitOf, machineOptions, pace, parse } from '../../cli/options.ts';
import { ConsoleText } from '../../debug-adapter/events/console-text.ts';
import { parsePoint } from '../../kernel/index.ts';

describe('a POINT', () => {
  test('is a satp write, an instruction count, a symbol, a text on the console, or the end', () => {
    assert.deepEqual(parsePoint('satp:3'), { kind: 'satp', index: 3 });
    assert.deepEqual(parsePoint('insn:1_000_000'), { kind: 'insn', count: 1_000_000 });
    assert.deepEqual(parsePoint('insn:2e6'), { kind: 'insn', count: 2_000_000 });
    assert.deepEqual(parsePoint('symbol:start_kernel'), { kind: 'symbol', name: 'start_kernel', offset: 0n });
    assert.deepEqual(parsePoint('symbol:start_kernel+0x1c'), { kind: 'symbol', name: 'start_kernel', offset: 0x1cn });
    assert.deepEqual(parsePoint('console:a: b'), { kind: 'console', text: 'a: b' });
    assert.deepEqual(parsePoint('end'), { kind: 'end' });
  });

  for (const [text, why] of [
    ['satp:0', /counted from 1/],
    ['satp:x', /"x" is no number/],
    ['insn:', /"" is no number/],
    ['symbol:', /is no symbol/],
    ['console:', /text is missing/],
    ['later', /it is no point; a point is satp:N/],
  ] as const) {
    test(`"${text}" is refused with what a point is`, () => assert.throws(() => parsePoint(text), why));
  }
});

describe('a text on the console', () => {
  const found = (wanted: string, ...parts: string[]) => {
    const text = new ConsoleText(wanted);
    for (const part of parts) text.take(new TextEncoder().encode(part));
    return text.found;
  };

  test('is found across pieces of output', () => {
    assert.equal(found('/ # ', 'hello\r\n/', ' #', ' '), true);
    assert.equal(found('/ # ', 'hello\r\n/', ' #'), false);
  });

  test('is found where it begins inside a failed beginning', () => {
    assert.equal(found('aab', 'aaab'), true);
    assert.equal(found('abcabd', 'abcabc', 'abd'), true);
  });

  test('is found exactly where String.includes finds it, on random texts of two letters', () => {
    let state = 0x2545f491;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 16) % below;
    };
    const letters = (count: number) => Array.from({ length: count }, () => 'ab'[random(2)]).join('');
    for (let round = 0; round < 5000; round += 1) {
      const [wanted, printed] = [letters(1 + random(7)), letters(random(40))];
      const cut = random(printed.length + 1);
      assert.equal(
        found(wanted, printed.slice(0, cut), printed.slice(cut)),
        printed.includes(wanted),
        `${wanted} in ${printed}`,
      );
    }
  });
});

describe('options', () => {
  const options = { ...machineOptions, pace, limit: { value: 'N', text: '' } };
  const launch = (...argv: string[]) => {
    const { given, operands } = parse(['kernel', ...argv], options, ['KERNEL']);
    return launchOf(operands[0] as string, given);
  };

  test('stand for a launch configuration with its defaults', () => {
    const { program, memory, harts, firmware } = launch();
    const expected = ['kernel', 256n << 20n, 1, 'auto'];
    assert.deepEqual([program, memory, harts, firmware], expected);
    assert.equal(launch('--memory', '4G').memory, 4n << 30n);
    assert.equal(launch('--memory=64K', '--harts', '8').harts, 8);
    const { disks, net, seed, rtc } = launch('--disk', 'a.img', '--disk=b,rw', '--net', 'loopback', '--seed', '7');
    assert.deepEqual(disks, [
      { file: 'a.img', mode: 'cow' },
      { file: 'b', mode: 'rw' },
    ]);
    assert.deepEqual([net, seed, rtc], ['loopback', 7, undefined]);
    const { quantum, misaligned, pmp } = launch('--quantum', '500', '--misaligned', 'trap', '--pmp', '64');
    assert.deepEqual([quantum, misaligned, pmp], [500, 'trap', 64]);
    assert.equal(launch('--rtc', '1970-01-01T00:00:01Z').rtc, 1000);
  });

  test('take several symbol files, each as a path or as an entry of launch.json', () => {
    const { symbols } = launch(
      '--symbols',
      'vmlinux',
      '--symbols',
      '{"path": "init", "space": "user", "base": "0x10000"}',
    );
    assert.deepEqual(symbols, [{ path: 'vmlinux' }, { path: 'init', space: 'user', base: 0x10000n }]);
  });

  test('take instruction limits with underscores and powers of ten', () => {
    assert.equal(limitOf({ limit: '1_000' }), 1000);
    assert.equal(limitOf({ limit: '2e9' }), 2e9);
    assert.equal(limitOf({}), Number.POSITIVE_INFINITY);
  });

  for (const [argv, why] of [
    [['--symbols', '{"path": "init", "space": "moon"}'], /--symbols .*: it must be a file name, an object with "path"/],
    [['--harts', '9'], /--harts 9: it must be a whole number from 1 to 8/],
    [['--harts', '0'], /from 1 to 8/],
    [['--memory', 'lots'], /--memory lots: it must be a size such as 256M/],
    [['--mmu', 'sv64'], /--mmu sv64: it must be one of bare, sv32, sv39, sv48, sv57/],
    [['--disk', 'a.img,wr'], /--disk a.img,wr: it must be a file name, with ",cow"/],
    [['--net', 'tap'], /--net tap: it must be one of none, loopback/],
    [['--seed', 'x'], /--seed x: it must be a whole number from 0/],
    [['--quantum', '0'], /--quantum 0/],
    [['--pace', 'slow'], /--pace slow: it must be one of fast, real-time/],
    [['--misaligned', 'no'], /--misaligned no: it must be one of supported, trap/],
    [['--pmp', '8'], /--pmp 8: it must be one of 0, 16, 64/],
    [['--rtc', 'now'], /--rtc now: it must be a date in UTC/],
    [['--memroy', '1G'], /no option --memroy; did you mean --memory/],
    [['--initrd'], /--initrd/],
    [['more'], /"more" is one word too many/],
  ] as const) {
    test(`${argv.join(' ')} is refused in one sentence that names the option`, () =>
      assert.throws(() => launch(...argv), why));
  }

  test('a missing operand is named', () => assert.throws(() => parse([], options, ['KERNEL']), /KERNEL is missing/));
});
