import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { evaluateText } from '../../../debug-adapter/expressions/index.ts';
import { fixture } from './fixture.ts';

const COUNT = 1500;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

const types =
  'char;signed char;unsigned char;short;unsigned short;int;unsigned;long;unsigned long;long long;unsigned long long;_Bool'.split(
    ';',
  );
const values =
  '0 1 2 7 63 127 128 255 256 32767 32768 65535 0x7fffffff 0x80000000 0xffffffff 0x100000000 010 0b11'.split(' ');
const suffixes = ['', '', '', 'u', 'l', 'ul', 'll', 'ULL'];

/** Random expressions that C defines: no shift by the width or more, no division by zero. */
function generator(start: number) {
  let state = start;
  const below = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  const pick = (list: readonly string[]) => list[below(list.length)] as string;
  const leaf = (): string => {
    const big = below(4) === 0 ? `0x${(0x8000_0000_0000_0000n >> BigInt(below(40))).toString(16)}` : pick(values);
    return below(8) === 0 ? `'${pick(['a', '\\n', '\\0', '\\x7f', 'Z'])}'` : big + pick(suffixes);
  };
  const expression = (depth: number): string => {
    if (depth === 0) return below(3) ? leaf() : `(${pick(types)})${leaf()}`;
    const inner = () => expression(below(depth));
    switch (below(12)) {
      case 0:
        return `(${pick(types)})(${inner()})`;
      case 1:
        return `${pick(['- ', '~', '!', '+ '])}(${inner()})`;
      case 2:
        return `((${inner()}) ? (${inner()}) : (${inner()}))`;
      case 3:
        return `((${inner()}) ${pick(['/', '%'])} (((${inner()}) & 7) + 2))`;
      case 4:
        return `((${inner()}) ${pick(['<<', '>>'])} ((${inner()}) & 31))`;
      case 5:
        return `sizeof(${below(2) ? pick(types) : inner()})`;
      case 6:
        return `((unsigned long)((${pick(types)} *)${0x1000 + 64 * below(64)} ${pick(['+', '-'])} ${below(9)}))`;
      case 7:
        return `((${inner()}) ${pick(['&&', '||'])} (${inner()}))`;
      default:
        return `((${inner()}) ${pick('+ - * & | ^ == != < <= > >='.split(' '))} (${inner()}))`;
    }
  };
  return () => expression(4);
}

/** What the compiler makes of constant expressions: eight bytes each. */
function compiled(expressions: readonly string[], flags: readonly string[]): bigint[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-c-'));
  try {
    const at = (name: string) => path.join(folder, name);
    writeFileSync(at('a.c'), `const long long results[] = {\n${expressions.join(',\n')}\n};\n`);
    const options = ['-w', '-std=gnu2x', '-fwrapv', ...flags, '-c', '-o', at('a.o'), at('a.c')];
    execFileSync('riscv64-unknown-elf-gcc', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    execFileSync('riscv64-unknown-elf-objcopy', ['-O', 'binary', '-j', '.rodata', at('a.o'), at('a.bin')]);
    const bytes = readFileSync(at('a.bin'));
    return expressions.map((_, index) => bytes.readBigUInt64LE(index * 8));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('arithmetic', () => {
  for (const [xlen, flags] of [
    [64, ['-march=rv64imac', '-mabi=lp64']],
    [32, ['-march=rv32imac', '-mabi=ilp32']],
  ] as const) {
    test(`is that of a C compiler for RV${xlen}, of ${COUNT} random expressions`, () => {
      const next = generator(seed + xlen);
      const expressions = Array.from({ length: COUNT }, () => `(long long)(${next()})`);
      const expected = compiled(expressions, flags);
      const on = fixture();
      const scope = { ...on, machine: { ...on.machine, xlen } };
      expressions.forEach((text, index) => {
        const { bits } = evaluateText(text, scope).value;
        assert.equal(bits, expected[index], `SEED=${seed}: ${text}`);
      });
    });
  }
});
