import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryDataId, parseDataId } from '../../debug-adapter/breakpoints/data-id.ts';
import { parseHitCondition } from '../../debug-adapter/breakpoints/hit-condition.ts';

describe('hit conditions', () => {
  const stops = (text: string) => [1, 2, 3, 4, 5, 6].filter((hit) => parseHitCondition(text)?.(hit));
  const cases: [string, number[]][] = [
    ['3', [3]],
    ['== 5', [5]],
    ['=2', [2]],
    ['>= 3', [3, 4, 5, 6]],
    ['>4', [5, 6]],
    ['<= 2', [1, 2]],
    ['< 2', [1]],
    ['% 2', [2, 4, 6]],
  ];
  for (const [text, hits] of cases) {
    test(`${text} stops at the hits ${hits.join(', ')}`, () => assert.deepEqual(stops(text), hits));
  }

  test('an empty one is none', () => {
    assert.equal(parseHitCondition(undefined), undefined);
    assert.equal(parseHitCondition('  '), undefined);
  });

  test('anything else is refused with examples', () => {
    for (const text of ['often', '% 0', '=> 3', '3x', '-1']) {
      assert.throws(() => parseHitCondition(text), /is not understood: write 5, == 5/, text);
    }
  });
});

describe('ids of watched data', () => {
  test('a range is its first byte and its length', () => {
    const id = memoryDataId('virtual', 0xffffffff80000000n, 8n, false);
    assert.equal(id, 'va:0xffffffff80000000/8');
    assert.deepEqual(parseDataId(id), {
      kind: 'memory',
      space: 'virtual',
      address: 0xffffffff80000000n,
      size: 8n,
      change: false,
    });
  });

  test('a negative number of bytes means the bytes before the address', () => {
    assert.equal(memoryDataId('physical', 0x80001000n, -4096n, true), 'pa:0x80000000/4096/change');
  });

  test('what names no data is refused', () => {
    for (const id of ['', 'x', 'va:0x10', 'va:0x10/0', 'pa:10/1']) {
      assert.throws(() => parseDataId(id), /names no data that can be watched/, id);
    }
  });
});
