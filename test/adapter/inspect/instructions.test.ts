import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { codeIn, linesBefore, linesFrom } from '../../../debug-adapter/memory/instructions.ts';
import { here } from '../../../debug-adapter/memory/space.ts';
import { virt } from '../../../emulator/address.ts';
import { fixture, mapPage, RAM } from './fixture.ts';

const SAMPLE = 'samples/first-light/first-light.elf';
const OBJDUMP = 'riscv64-unknown-elf-objdump';

/** `.text` of the sample, loaded at the start of RAM, and where its instructions and functions begin, as objdump says. */
function loadSample(): { on: ReturnType<typeof fixture>; starts: bigint[]; functions: bigint[] } | undefined {
  const dump = spawnSync(OBJDUMP, ['-d', '-j', '.text', SAMPLE], { encoding: 'utf8' });
  if (dump.error) return undefined;
  const headers = spawnSync(OBJDUMP, ['-h', '-j', '.text', SAMPLE], { encoding: 'utf8' }).stdout;
  const [, size, va, , offset] = /\.text\s+(\w+)\s+(\w+)\s+(\w+)\s+(\w+)/.exec(headers) ?? [];
  const base = BigInt(`0x${va}`);
  const on = fixture();
  on.memory.set(readFileSync(SAMPLE).subarray(Number(`0x${offset}`), Number(`0x${offset}`) + Number(`0x${size}`)));
  const addresses = (pattern: RegExp) =>
    [...dump.stdout.matchAll(pattern)].map(([, at]) => BigInt(`0x${at}`) - base + RAM);
  return { on, starts: addresses(/^ *([0-9a-f]+):\t/gm), functions: addresses(/^([0-9a-f]{16}) </gm) };
}

describe('disassembly around an address', () => {
  test('instructions of both lengths follow each other as objdump has them', (t) => {
    const sample = loadSample();
    if (!sample) return t.skip(`needs ${OBJDUMP}`);
    const { on, starts } = sample;
    const code = codeIn(on.machine, on.hart, here, () => undefined);
    // objdump leaves runs of zero bytes out, so each instruction is compared with its successor where objdump has it.
    for (const [index, at] of starts.slice(0, -1).entries()) {
      const [line, next] = linesFrom(code, virt(at), 2);
      assert.equal(line?.address, at);
      const length = BigInt(line?.length ?? 0);
      if (starts[index + 1] === at + length) assert.equal(next?.address, at + length);
      else
        assert.ok((starts[index + 1] as bigint) > at + length, `an instruction inside the one at 0x${at.toString(16)}`);
    }
  });

  test('backwards, the starts of functions keep instructions of both lengths aligned', (t) => {
    const sample = loadSample();
    if (!sample) return t.skip(`needs ${OBJDUMP}`);
    const { on, starts, functions } = sample;
    const code = codeIn(on.machine, on.hart, here, (at) => functions.filter((start) => start <= at).at(-1));
    const known = new Set(starts);
    for (const [index, end] of starts.entries()) {
      if (index < 40 || index % 7 !== 0) continue;
      const lines = linesBefore(code, virt(end), 40);
      assert.equal(lines.length, 40);
      const last = lines.at(-1);
      assert.equal(last && last.address + BigInt(last.length), end);
      for (const { address, word } of lines)
        assert.ok(known.has(address) || word === 0, `no instruction at ${address}`);
    }
  });

  test('backwards without symbols, the likeliest alignment ends where the address is', (t) => {
    const sample = loadSample();
    if (!sample) return t.skip(`needs ${OBJDUMP}`);
    const { on, starts } = sample;
    const code = codeIn(on.machine, on.hart, here, () => undefined);
    let right = 0;
    const known = new Set(starts);
    const ends = starts.slice(60).filter((_, index) => index % 3 === 0);
    for (const end of ends) {
      const lines = linesBefore(code, virt(end), 10);
      assert.equal(lines.length, 10);
      const last = lines.at(-1);
      assert.equal(last && last.address + BigInt(last.length), end);
      if (lines.every(({ address }) => known.has(address))) right += 1;
    }
    assert.ok(right > 0.9 * ends.length, `${right} of ${ends.length} aligned`);
  });

  test('a page that is not mapped is as many rows as it has words, before and behind mapped code', () => {
    const on = fixture();
    mapPage(on, 0xffffffff80001000n, RAM, 0xcbn);
    const code = codeIn(on.machine, on.hart, here, () => undefined);
    const before = linesBefore(code, virt(0xffffffff80001000n), 3);
    assert.deepEqual(
      before.map(({ address, word }) => [address, word]),
      [0xffffffff80000ff4n, 0xffffffff80000ff8n, 0xffffffff80000ffcn].map((address) => [address, undefined]),
    );
    const lines = linesFrom(code, virt(0xffffffff80001ffcn), 4);
    assert.deepEqual(
      lines.map(({ address, word }) => [address & 0xffffn, word]),
      [
        [0x1ffcn, 0],
        [0x1ffen, 0],
        [0x2000n, undefined],
        [0x2004n, undefined],
      ],
    );
  });
});
