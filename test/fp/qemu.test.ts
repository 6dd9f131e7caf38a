import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Format, InstructionRow } from '../../emulator/isa/row.ts';
import { boxed, dynamic, execute, fpRows, Random, randomDouble, randomInteger, randomSingle } from './support.ts';

const seed = BigInt(process.env.SEED ?? 20261122);
const modes = ['rne', 'rtz', 'rdn', 'rup', 'rmm'];
const vectorsPerMode = 400;

/** How each format is written, with the result in ft0 or %0 and the operands in ft1, ft2, ft3 or %1. */
const syntax: Partial<Record<Format, string>> = {
  'fp-R': 'ft0, ft1, ft2',
  'fp-R-norm': 'ft0, ft1, ft2',
  'fp-unary': 'ft0, ft1',
  'fp-R4': 'ft0, ft1, ft2, ft3',
  'fp-compare': '%0, ft1, ft2',
  'fp-to-int': '%0, ft1',
  'fp-from-int': 'ft0, %1',
  'fp-move-to-int': '%0, ft1',
  'fp-move-from-int': 'ft0, %1',
};

/** A program that reads records (instruction, frm, three operands) and answers each with the result and fflags. */
function program(rows: readonly InstructionRow[]): string {
  const cases = rows.map((row, index) => {
    const text = `${row.mnemonic} ${syntax[row.format]}`;
    const result = text.includes('%0') ? '' : '\\n fmv.x.d %0, ft0';
    const operands = 'fmv.d.x ft1, %1\\n fmv.d.x ft2, %2\\n fmv.d.x ft3, %3';
    return `case ${index}: asm volatile("csrw fcsr, %4\\n ${operands}\\n ${text}${result}"
      : "=&r"(value) : "r"(in[2]), "r"(in[3]), "r"(in[4]), "r"(in[1] << 5) : "ft0", "ft1", "ft2", "ft3"); break;`;
  });
  return `
typedef unsigned long word;
static word call(word number, word a, word b, word c) {
  register word a0 asm("a0") = a, a1 asm("a1") = b, a2 asm("a2") = c, a7 asm("a7") = number;
  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}
static word record[5], answer[2];
void _start(void) {
  for (;;) {
    for (word got = 0; got < sizeof record;) {
      word more = call(63, 0, (word)record + got, sizeof record - got);
      if ((long)more <= 0) call(93, 0, 0, 0);
      got += more;
    }
    word *in = record, value = 0, flags;
    switch (in[0]) { ${cases.join('\n')} }
    asm volatile("csrr %0, fflags" : "=r"(flags));
    answer[0] = value, answer[1] = flags;
    call(64, 1, (word)answer, sizeof answer);
  }
}`;
}

function operand(random: Random, row: InstructionRow): bigint {
  if (row.format === 'fp-from-int' || row.format === 'fp-move-from-int') return randomInteger(random);
  // The operands' format is the mnemonic's last letter.
  if (!/[sw]$/.test(row.mnemonic)) return randomDouble(random);
  return random.below(30) ? boxed(randomSingle(random)) : random.bits64();
}

test(`every instruction of F and D gives QEMU's result and flags in every rounding mode (SEED=${seed})`, (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-fp-'));
  try {
    const source = path.join(folder, 'vectors.c');
    writeFileSync(source, program(fpRows));
    const flags = ['-march=rv64gc', '-mabi=lp64d', '-O1', '-nostdlib', '-static', '-o', path.join(folder, 'vectors')];
    const compiled = spawnSync('riscv64-unknown-elf-gcc', [...flags, source], { encoding: 'utf8' });
    if (compiled.error) return t.skip('needs riscv64-unknown-elf-gcc: apt-get install gcc-riscv64-unknown-elf');
    assert.equal(compiled.status, 0, compiled.stderr);

    const random = new Random(seed);
    const vectors = fpRows.flatMap((row, index) =>
      modes.flatMap((_, mode) =>
        Array.from({ length: vectorsPerMode }, () => {
          const operands = [operand(random, row), operand(random, row), operand(random, row)];
          return { row, index, mode, operands, rm: random.below(2) ? dynamic : mode };
        }),
      ),
    );
    const input = BigUint64Array.from(
      vectors.flatMap(({ index, mode, operands }) => [BigInt(index), BigInt(mode), ...operands]),
    );
    const bytes = new Uint8Array(input.buffer);
    const run = spawnSync('qemu-riscv64', [path.join(folder, 'vectors')], { input: bytes, maxBuffer: 1 << 28 });
    if (run.error) return t.skip('needs qemu-riscv64: apt-get install qemu-user');
    assert.equal(run.status, 0, run.stderr.toString());
    assert.equal(run.stdout.length, 16 * vectors.length);

    for (const [index, { row, mode, operands, rm }] of vectors.entries()) {
      const ours = execute(row.mnemonic, operands, mode, rm);
      const result = run.stdout.readBigUInt64LE(16 * index);
      const raised = Number(run.stdout.readBigUInt64LE(16 * index + 8));
      if (ours.result === result && ours.flags === raised && ours.legal) continue;
      const text = operands.map((value) => value.toString(16)).join(', ');
      assert.deepEqual(
        { result: ours.result.toString(16), flags: ours.flags },
        { result: result.toString(16), flags: raised },
        `${row.mnemonic} ${text} ${modes[mode]}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
