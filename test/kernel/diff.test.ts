import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { difference, hasChanged, pictureOf } from '../../kernel/index.ts';

const picture = (text: string) =>
  pictureOf(
    text.split(' '),
    (row) => row.charAt(0),
    (row) => row.slice(1),
  );

describe('what changed since the last stop', () => {
  test('rows are new, gone or different by their key', () => {
    assert.deepEqual(difference(picture('a1 b1 c1'), picture('b1 c2 d1')), {
      added: ['d'],
      changed: ['c'],
      removed: ['a'],
    });
  });

  test('equal pictures have no difference', () => {
    assert.deepEqual(difference(picture('a1 b1'), picture('b1 a1')), { added: [], changed: [], removed: [] });
  });

  test('a row is marked when it is new or different, and never at the first stop', () => {
    const before = picture('a1 b1');
    assert.equal(hasChanged(before, 'a', '1'), false);
    assert.equal(hasChanged(before, 'a', '2'), true);
    assert.equal(hasChanged(before, 'c', '1'), true);
    assert.equal(hasChanged(undefined, 'c', '1'), false);
  });
});
