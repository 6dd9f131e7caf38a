import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkArguments } from '../../extension/testing/arguments.ts';
import { checkLines, keyOf, messageOf, outcomeOf } from '../../extension/testing/results.ts';

const line = { line: 3, column: 1, text: 'no W+X', point: 'end', state: 'passed' as const };

/** As launch.json writes it. */
const inFolder = (name: string) => `\${workspaceFolder}/${name}`;

describe('a check file in the Testing view', () => {
  test('is checked with the machine of a launch configuration', () => {
    const configuration = {
      type: 'pagewalk',
      program: inFolder('kernel.elf'),
      memory: '1G',
      harts: 2,
      disks: ['a.img', 'b.img,ro'],
      symbols: [inFolder('vmlinux'), { path: inFolder('init'), space: 'user' }],
      stopOnEntry: false,
    };
    assert.deepEqual(checkArguments('/k/map.pagewalk-map', '', configuration, { workspaceFolder: '/k' }), [
      ...['check', '/k/map.pagewalk-map', '/k/kernel.elf', '--memory', '1G', '--harts', '2'],
      ...['--disk', 'a.img', '--disk', 'b.img,ro', '--symbols', '/k/vmlinux'],
      ...['--symbols', '{"path":"/k/init","space":"user"}', '--format', 'json'],
    ]);
  });

  test('is tried in every mode if it asks for that and the configuration names none', () => {
    const text = 'va 0x80000000 same in every mode';
    assert.ok(checkArguments('f', text, { program: 'k' }, {}).includes('sv39,sv48,sv57'));
    assert.ok(!checkArguments('f', text, { program: 'k', mmu: 'sv39' }, {}).includes('sv39,sv48,sv57'));
  });

  test('has the results that the tool prints, and nothing else of its output', () => {
    const output = `booting\n${JSON.stringify(line)}\n{broken\n`;
    assert.deepEqual(checkLines(output), [line]);
    assert.equal(keyOf(line), '3:1');
  });

  test('has failed when it has failed in any mode', () => {
    const failed = { ...line, state: 'failed' as const, message: '.text is RWX', mode: 'sv48' };
    const outcome = outcomeOf([{ ...line, mode: 'sv39' }, failed]);
    assert.equal(outcome, failed);
    assert.equal(messageOf(failed), '.text is RWX (sv48)');
    assert.equal(outcomeOf([{ ...line, state: 'skipped' }, line])?.state, 'passed');
    assert.equal(outcomeOf([]), undefined);
  });
});
