import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RowNews } from '../../debug-adapter/events/news.ts';
import type { EventRow } from '../../debug-adapter/protocol/requests.ts';

describe('rows of the log of MMU events', () => {
  const row = (index: number) => ({ index, kind: 'event' }) as EventRow;
  const told: number[] = [];
  const news = new RowNews(({ index }) => told.push(index));
  const add = (from: number, to: number) => {
    for (let index = from; index <= to; index += 1) news.add(row(index));
  };

  test('are told one by one while they are few', () => {
    add(1, 5);
    assert.deepEqual(told.splice(0), [1, 2, 3, 4, 5]);
    news.flush();
    assert.deepEqual(told, [], 'nothing is told twice');
  });

  test('of a flood only the first and the newest are told, and the next few one by one again', () => {
    add(6, 10_000);
    news.flush();
    const first = told.splice(0);
    assert.ok(first.length < 100, `${first.length} are told`);
    assert.deepEqual([first[0], first.at(-1)], [6, 10_000]);
    add(10_001, 10_002);
    assert.deepEqual(told.splice(0), [10_001, 10_002]);
  });
});
