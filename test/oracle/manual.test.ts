import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf, rules } from './manual.ts';

for (const rule of rules) {
  test(rule.text, () => {
    assert.equal(endOf(rule), rule.ends);
  });
}
