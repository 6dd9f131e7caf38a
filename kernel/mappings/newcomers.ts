// Entries that have come into force: written, or brought along by a table or root that is new. Which of them make a page
// writable and executable, and which map a piece of physical memory that matters.

import { type PhysAddr, type VirtAddr, virt } from '../../emulator/address.ts';
import { canonical, type PagingMode, spanOf } from '../../emulator/mmu/modes.ts';
import { pteAddress, targetOf } from '../space.ts';
import type { FindingBase, MappingFinding, MappingsWanted } from './finding.ts';
import { effective, isLeaf, isWritableAndExecutable } from './mapping.ts';
import type { EntryVisitor, Space, Table } from './table-graph.ts';

interface Leaf {
  readonly table: Table;
  readonly index: number;
  readonly raw: bigint;
  readonly page: number;
  readonly space: Space;
}

/** Remembered leaves that were writable and executable when their table came into force. */
const MOST_KNOWN = 65_536;

export class Newcomers {
  readonly #wanted: MappingsWanted;
  readonly #writableAndExecutable: Leaf[] = [];
  readonly #framed: { readonly leaf: Leaf; readonly points: readonly number[] }[] = [];

  constructor(wanted: MappingsWanted) {
    this.#wanted = wanted;
  }

  readonly visit: EntryVisitor = (table, index, raw, page, space) => {
    if (!isLeaf(raw) || effective(raw, table.level, space) === 0n) return;
    const leaf = { table, index, raw, page, space };
    if (this.#wanted.writableAndExecutable && isWritableAndExecutable(raw)) this.#writableAndExecutable.push(leaf);
    const points = this.#framesOf(raw, table.level, space.mode);
    if (points.length > 0) this.#framed.push({ leaf, points });
  };

  /** An entry itself was written: what it says already, it does not say anew. */
  replaced(table: Table, index: number, before: bigint, after: bigint, page: number, space: Space): void {
    if (!isLeaf(after) || effective(after, table.level, space) === 0n) return;
    const leaf = { table, index, raw: after, page, space };
    const was = effective(before, table.level, space);
    if (this.#wanted.writableAndExecutable && isWritableAndExecutable(after) && !isWritableAndExecutable(was)) {
      this.#writableAndExecutable.push(leaf);
    }
    const old = isLeaf(was) ? this.#framesOf(was, table.level, space.mode) : [];
    const points = this.#framesOf(after, table.level, space.mode).filter((id) => !old.includes(id));
    if (points.length > 0) this.#framed.push({ leaf, points });
  }

  /** `base` is the write that brought them; `known` the W+X leaves that have been told of under other roots. */
  findings(known: Set<bigint>, base: FindingBase): MappingFinding[] {
    const findings: MappingFinding[] = this.#framed.map(({ leaf, points }) => ({
      kind: 'map-frame',
      ...base,
      ...whereIs(leaf, base),
      points,
    }));
    const fresh = this.remember(known);
    const [first] = fresh;
    if (!first) return findings;
    const run = runOf(fresh);
    findings.push({
      kind: 'map-wx',
      ...base,
      ...whereIs(first, base),
      size: run.size,
      more: fresh.length - run.leaves,
    });
    return findings;
  }

  /** Adds the W+X leaves to the known ones; returns those that are new. */
  remember(known: Set<bigint>): Leaf[] {
    return this.#writableAndExecutable.filter((leaf) => {
      const key = (addressOf(leaf) << 64n) | leaf.raw;
      if (known.has(key)) return false;
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(key);
      return true;
    });
  }

  #framesOf(raw: bigint, level: number, mode: PagingMode): number[] {
    if (this.#wanted.frames.length === 0) return [];
    const start = targetOf(raw, mode) & ~(spanOf(mode, level) - 1n);
    const end = start + spanOf(mode, level) - 1n;
    return this.#wanted.frames.filter(({ from, to }) => start <= to && end >= from).map(({ id }) => id);
  }
}

function addressOf({ table, index, space }: Leaf): PhysAddr {
  return pteAddress(table.address, index, space.mode);
}

/** An entry that was not written itself is what it was. */
function whereIs(leaf: Leaf, write: FindingBase) {
  const { table, page, space, raw } = leaf;
  const pte = addressOf(leaf);
  const va: VirtAddr = virt(canonical(space.mode, BigInt(page) << 12n));
  return {
    va,
    size: spanOf(space.mode, table.level),
    root: space.root,
    pte,
    level: table.level,
    old: write.pte === pte ? write.old : raw,
    new: raw,
  };
}

/** The leaves that go on from the first one in virtual addresses. */
function runOf(leaves: readonly Leaf[]): { readonly size: bigint; readonly leaves: number } {
  let size = 0n;
  let count = 0;
  const first = BigInt((leaves[0] as Leaf).page) << 12n;
  for (const { page, table, space } of leaves) {
    if (BigInt(page) << 12n !== first + size) break;
    size += spanOf(space.mode, table.level);
    count += 1;
  }
  return { size, leaves: count };
}
