// A repair in words, and what is bad about it.

import { hex, hex64, type PhysAddr, paText, phys } from '../../emulator/address.ts';
import { csrNumbered } from '../../emulator/csr/table.ts';
import { type PagingMode, sizeText, spanOf } from '../../emulator/mmu/modes.ts';
import { decodePte, flagsText, type Pte, PteBit, permissionsText } from '../../emulator/mmu/pte.ts';
import type { Repair } from './repair.ts';
import type { Change } from './trial.ts';

/** What is at a physical address: sections of the kernel, symbols, a device; empty where nobody knows. */
export type NameOfPhysical = (pa: PhysAddr) => string;

export interface RepairWords {
  readonly text: string;
  readonly warnings: readonly string[];
}

type PteChange = Extract<Change, { kind: 'pte' }>;
type CsrChange = Extract<Change, { kind: 'csr' }>;

const Csr = { satp: 0x180, mstatus: 0x300, pmpcfg0: 0x3a0, pmpaddr0: 0x3b0, pmpEnd: 0x3f0 } as const;
const SUM = 1n << 18n;
const everything = [(1n << 54n) - 1n, (1n << 32n) - 1n];

export function repairWords(repair: Repair, nameOf: NameOfPhysical): RepairWords {
  const { mode } = repair.attempt.regime;
  const { xlen } = repair.attempt.machine;
  const csrs = repair.changes.filter((change) => change.kind === 'csr');
  const ptes = repair.changes.filter((change) => change.kind === 'pte');
  const tables = repair.changes.filter((change) => change.kind === 'table').length;
  const texts = repair.changes.flatMap((change) =>
    change.kind === 'address'
      ? [`use the canonical address ${hex(change.after)} in place of ${hex(change.before)}`]
      : [],
  );
  texts.push(...csrTexts(csrs, xlen));
  if (mode && tables > 0) texts.push(newTables(ptes, tables, repair));
  else if (mode) texts.push(...ptes.map((change) => pteText(change, mode, repair.guessed)));
  const known: NameOfPhysical = (pa) => (repair.guessed ? '' : nameOf(pa));
  const warnings = mode ? ptes.flatMap((change) => pteWarnings(change, mode, known)) : [];
  return { text: texts.join('; '), warnings: [...warnings, ...csrWarnings(csrs)] };
}

function newTables(ptes: readonly PteChange[], tables: number, { attempt, after, guessed }: Repair): string {
  const [first] = ptes;
  if (!first) return 'give satp a root table in memory';
  const levels = tables === 1 ? 'a table' : `${tables} tables`;
  const page = guessed ? 'its page' : paText(after.pa);
  return `map ${hex(attempt.va)}: let the level-${first.level} PTE at ${paText(first.address)} (${hex64(first.before)}) point to ${levels} that map${tables === 1 ? 's' : ''} it to ${page}`;
}

function pteText({ address, level, before, after }: PteChange, mode: PagingMode, guessed: boolean): string {
  const where = `the level-${level} PTE at ${paText(address)}`;
  const [was, is] = [decodePte(before, mode), decodePte(after, mode)];
  const values = `${hex64(before)} → ${hex64(after)}`;
  if (was.ppn !== is.ppn && !(was.valid && guessed === false && is.ppn === aligned(was.ppn, mode, level))) {
    if (guessed)
      return `map the page: give ${where} (${hex64(before)}) V = 1, ${permissionsText(is)}, A${is.d ? ', D' : ''} and the page that you mean`;
    return `map the page: ${where} = ${hex64(after)}, leaf → ${paText(is.target)} ${flagsText(is)} (was ${hex64(before)})`;
  }
  const [set, cleared] = [bitsText(after & ~before, mode), bitsText(before & ~after, mode)];
  const actions = [set && `set ${set}`, cleared && `clear ${cleared}`].filter(Boolean).join(' and ');
  return `${actions} in ${where}: ${values}`;
}

const aligned = (ppn: bigint, mode: PagingMode, level: number) => ppn & ~((spanOf(mode, level) >> 12n) - 1n);

/** `W and D`, `PBMT`, `the low 9 bits of PPN`. */
function bitsText(bits: bigint, mode: PagingMode): string {
  const names: string[] = [];
  for (const name of ['V', 'R', 'W', 'X', 'U', 'G', 'A', 'D'] as const) if (bits & PteBit[name]) names.push(name);
  const wide = mode.pteSize === 8;
  const ppn = (bits >> 10n) & (wide ? 0xfffffffffffn : 0x3fffffn);
  if (ppn) names.push(`bits ${ppn.toString(2).length - 1}:0 of PPN`);
  if (wide && (bits >> 54n) & 0x7fn) names.push('the reserved bits 60:54');
  if (wide && (bits >> 61n) & 3n) names.push('PBMT');
  if (wide && bits & PteBit.N) names.push('N');
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function csrTexts(changes: readonly CsrChange[], xlen: 32 | 64): string[] {
  const pmp = changes.filter(({ csr }) => csr >= Csr.pmpcfg0 && csr < Csr.pmpEnd);
  const others = changes.filter(({ csr }) => csr < Csr.pmpcfg0 || csr >= Csr.pmpEnd);
  const texts = others.map(({ csr, before, after }) => {
    if (csr === Csr.mstatus)
      return after & ~before & SUM ? 'set sstatus.SUM around the access' : 'set sstatus.MXR around the access';
    return `give satp the root of tables that are in memory: ${hex(before)} names none`;
  });
  if (pmp.length === 0) return texts;
  const open = pmp.some(({ csr, after }) => csr >= Csr.pmpaddr0 && everything.includes(after));
  const values = pmp.map(({ csr, after }) => `${csrNumbered(csr, xlen)?.name ?? hex(csr)} = ${hex(after)}`);
  const what = open ? 'open memory to S- and U-mode with a PMP entry' : 'allow it in the PMP';
  return [...texts, `${what}, in M-mode: ${values.join(', ')}`];
}

function csrWarnings(changes: readonly CsrChange[]): string[] {
  return changes.flatMap(({ csr, before, after }) => {
    if (csr === Csr.mstatus && after & ~before & SUM)
      return ['while SUM = 1 the kernel may touch every page of user space'];
    if (csr >= Csr.pmpaddr0 && csr < Csr.pmpEnd && everything.includes(after))
      return [
        'this opens all of memory: firmware that wants to be safe from the kernel needs entries of its own before this one',
      ];
    return [];
  });
}

function pteWarnings({ before, after, level }: PteChange, mode: PagingMode, nameOf: NameOfPhysical): string[] {
  const [was, is] = [decodePte(before, mode), decodePte(after, mode)];
  if (!is.leaf) return [];
  const warnings: string[] = [];
  const size = sizeText(is.napot ? 0x10000n : spanOf(mode, level));
  const name = nameOf(is.target);
  const page = `the ${size} page${name && ` that holds ${name}`}`;
  if (is.w && is.x && !(was.valid && was.w && was.x))
    warnings.push(`this makes ${page} both writable and executable (W+X)`);
  if (is.u && !was.u && /^\.(text|rodata|data|bss|init)|direct map|kernel/.test(name))
    warnings.push(`this opens ${page} to user programs`);
  if (is.w && !is.x && !was.w && /^\.(text|rodata)/.test(name)) warnings.push(`this makes ${page} writable`);
  if (was.valid && was.leaf && movedByAlignment(was, is))
    warnings.push(
      `the leaf then maps ${paText(is.target)}, not ${paText(phys(was.ppn << 12n))}: a table of smaller pages can map the latter`,
    );
  return warnings;
}

function movedByAlignment(was: Pte, is: Pte): boolean {
  return was.ppn !== is.ppn && (was.ppn & is.ppn) === is.ppn;
}
