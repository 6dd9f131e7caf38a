import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WalkBody } from '../../debug-adapter/protocol/requests.ts';
import { translationMarkdown, valueMarkdown } from '../../extension/language/translation.ts';

const walk: WalkBody = {
  va: '0xffffffff80200010',
  access: 'load',
  regime: 'Sv39, root pa:0x80210000, S-mode, SUM=0 MXR=0',
  steps: [
    {
      level: 2,
      index: 510,
      pteAddress: '0x0000000080210ff0',
      pte: '0x0000000020084801',
      text: 'pointer → pa:0x80212000',
    },
    {
      level: 1,
      index: 1,
      pteAddress: '0x0000000080212008',
      pte: '0x000000002010004b',
      text: 'leaf 2 MiB → pa:0x80400000 .A..X.RV',
    },
  ],
  ok: true,
  pa: '0x0000000080400010',
  pageSize: '0x0000000000200000',
  permissions: 'R-X',
  memoryType: 'PMA',
  region: '.text',
  symbol: '_start',
  text: 'pa:0x80400010',
};

describe('A translation as a hover', () => {
  test("each level has the PTE's address and value, the result its region, size and permissions", () => {
    const lines = translationMarkdown(walk).split('\n');
    assert.ok(
      lines.includes('| 2 [510] | `pa:0x80210ff0` | `0x20084801` | pointer → pa:0x80212000 |'),
      lines.join('\n'),
    );
    assert.ok(lines.includes('→ `pa:0x80400010` · .text · 2 MiB · `R-X` · PMA'), lines.join('\n'));
  });

  test('a refused access says why, and what the adapter says is no Markdown', () => {
    const { pa: _pa, ...refused } = walk;
    const text = translationMarkdown({ ...refused, ok: false, text: 'PTE[1] has V = 0 | *reserved*' });
    assert.match(text, /\$\(error\) PTE\\\[1\\\] has V = 0 \\\| \\\*reserved\\\*/);
    assert.doesNotMatch(text, /→ `pa:0x80400010`/);
  });

  test('a PTE that could not be read has no value', () => {
    const steps = [{ level: 2, index: 0, pteAddress: '0x0000000000000000', text: 'PMP refuses the read' }];
    assert.match(translationMarkdown({ ...walk, steps }), /\| `pa:0x0` \| – \| PMP refuses the read \|/);
  });

  test('a number is not said twice, a name is', () => {
    assert.equal(valueMarkdown('0x80200000', '0x80200000 <_start>'), '`0x80200000 <_start>`');
    assert.equal(valueMarkdown('kernel_root', '0x1000'), '**kernel\\_root** = `0x1000`');
  });
});
