// Random instructions by what they do, of all rows of the table.

import { isShort, type Row, rowsOf, usesMemory } from '../../oracle/cases.ts';
import { fitInstruction, lengthOf, unfit, withImmediate } from '../../oracle/programs.ts';
import type { Random } from '../../oracle/random.ts';
import { bases, others } from './registers.ts';

const kept = { bases, others };
const kinds = ['plain', 'memory', 'float', 'branch', 'other'] as const;
export type Kind = (typeof kinds)[number];
const computes = ['R', 'I', 'shift', 'unary', 'U'];

export class Words {
  private readonly rows: Readonly<Record<Kind, Row[]>> = { plain: [], memory: [], float: [], branch: [], other: [] };
  private readonly xlen: 32 | 64;
  private readonly random: Random;
  readonly compressed: boolean;

  constructor(xlen: 32 | 64, compressed: boolean, random: Random) {
    this.xlen = xlen;
    this.compressed = compressed;
    this.random = random;
    for (const row of rowsOf(xlen)) {
      if (unfit.test(row.mnemonic) || (isShort(row) && !compressed)) continue;
      const found = fitInstruction(row, xlen, random, kept);
      if (!found) continue;
      const { format, host } = found.row;
      const kind = (): Kind => {
        if (format === 'B' || format === 'J') return 'branch';
        if (format === 'load' || format === 'S') return 'memory';
        if (usesMemory(found) && !format.startsWith('fp')) return 'other';
        if (format.startsWith('fp')) return 'float';
        return computes.includes(format) && !host ? 'plain' : 'other';
      };
      this.rows[kind()].push(row);
    }
  }

  /** One instruction. Accesses are aligned, mostly. */
  of(kind: Kind): number {
    for (;;) {
      const found = fitInstruction(this.random.of(this.rows[kind]), this.xlen, this.random, kept);
      if (!found || (usesMemory(found) && found.operands.imm % 8 !== 0 && !this.random.once(6))) continue;
      return found.word;
    }
  }

  some(kind: Kind, most: number): number[] {
    return Array.from({ length: 1 + this.random.below(most) }, () => this.of(kind));
  }

  /** A branch or jump forward over the words. */
  over(words: readonly number[]): number {
    for (;;) {
      const word = this.of('branch');
      const by = lengthOf(word) + bytesOf(words);
      const found = withImmediate(word, by, this.xlen);
      // Of compressed ones the field is short; and a jump is always taken.
      if (by < 200) return found;
    }
  }
}

export const bytesOf = (words: readonly number[]) => words.reduce((sum, word) => sum + lengthOf(word), 0);
