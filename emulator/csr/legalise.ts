// What a CSR holds after a write: each field by its policy, and the registers whose fields depend on each other or on
// the machine (privileged manual, "CSR Field Specifications" and the section of each register).

import { maskOf, maskOfAll } from './fields.ts';
import { legalisePmpConfiguration } from './pmp.ts';
import type { CsrField, CsrRow } from './row.ts';

/** What the machine has, as far as CSRs depend on it. */
export interface CsrFacts {
  readonly xlen: 32 | 64;
  /** Codes of satp.MODE that can be set, without Bare (0), which always can. */
  readonly modes: readonly number[];
  readonly svadu: boolean;
  readonly svpbmt: boolean;
  readonly sstc: boolean;
  /** Implemented PMP entries: 0, 16 or 64. */
  readonly pmpEntries: number;
  /** The value of misa. */
  readonly misa: bigint;
  /** Every extension, lower case. */
  readonly extensions: ReadonlySet<string>;
}

/** Whether misa names the extension of this upper-case letter. */
export function hasExtension(facts: CsrFacts, letter: string): boolean {
  return ((facts.misa >> BigInt(letter.charCodeAt(0) - 65)) & 1n) === 1n;
}

/** Whether a machine has this CSR at all; access to one that it has not is an illegal instruction. */
export function isPresent(row: CsrRow, facts: CsrFacts): boolean {
  if (row.xlen !== undefined && row.xlen !== facts.xlen) return false;
  switch (row.extension) {
    case 'S':
    case 'F':
      return hasExtension(facts, row.extension);
    case 'Sstc':
      return facts.sstc;
    case 'Smstateen':
    case 'Ssstateen':
    case 'Sscofpmf':
    case 'Zicntr':
    case 'Zihpm':
    case 'Zkr':
      return facts.extensions.has(row.extension.toLowerCase());
    case 'PMP':
      return facts.pmpEntries > 0;
    default:
      return true;
  }
}

/**
 * The value that a CSR which held `old` holds after a write of `written`, unsigned and XLEN bits wide. A view (sstatus,
 * sie, sip) is legalised as what the view shows; `throughView` puts that into the viewed register. What the hart itself
 * knows is not decided here: mideleg's part in sie and sip, the driver of STIP, the lock of pmpaddr (`pmpAddressLocked`).
 */
export function legalise(row: CsrRow, old: bigint, written: bigint, facts: CsrFacts): bigint {
  const before = BigInt.asUintN(facts.xlen, old);
  const wanted = BigInt.asUintN(facts.xlen, written);
  return BigInt.asUintN(facts.xlen, legaliseWhole(row, before, wanted, facts));
}

/** The viewed register's value after its view (`row.viewOf`) became `held`. */
export function throughView(row: CsrRow, viewed: bigint, held: bigint): bigint {
  const mask = row.viewOf?.mask ?? 0n;
  return (viewed & ~mask) | (held & mask);
}

function legaliseWhole(row: CsrRow, old: bigint, written: bigint, facts: CsrFacts): bigint {
  switch (row.name) {
    case 'satp':
      return legaliseSatp(row, old, written, facts);
    case 'mstatus':
    case 'sstatus':
      return legaliseStatus(row, old, written, facts);
    case 'mepc':
    case 'sepc':
      return written & (hasExtension(facts, 'C') ? ~1n : ~3n);
    case 'menvcfg':
    case 'menvcfgh':
    case 'senvcfg':
      return byFields(row, old, written) & ~absentSwitches(row, facts);
  }
  if (row.extension === 'PMP') return legalisePmp(row, old, written, facts);
  return byFields(row, old, written);
}

/** A row's policies as masks. Bits of neither are WPRI. */
interface Policies {
  /** Bits that take what is written. */
  readonly taken: bigint;
  /** Bits that never change. */
  readonly kept: bigint;
  /** Fields that take legal values only, and keep theirs otherwise. */
  readonly checked: readonly CsrField[];
}

const policies = new Map<CsrRow, Policies>();

function policiesOf(row: CsrRow): Policies {
  const known = policies.get(row);
  if (known) return known;
  const checked = row.fields.filter(takesSome);
  const kept = maskOfAll(row.fields.filter(({ policy }) => policy === 'RO'));
  const made = { taken: maskOfAll(row.fields) & ~kept & ~maskOfAll(checked), kept, checked };
  policies.set(row, made);
  return made;
}

/** Whether some of the field's values are illegal. */
function takesSome({ policy, values, bits: [high, low] }: CsrField): boolean {
  return policy === 'WARL' && values !== undefined && Object.keys(values).length < 2 ** (high - low + 1);
}

/** Each field by its policy. */
function byFields(row: CsrRow, old: bigint, written: bigint): bigint {
  const { taken, kept, checked } = policiesOf(row);
  let held = (written & taken) | (old & kept);
  for (const field of checked) {
    const mask = maskOf(field);
    const legal = Number((written & mask) >> BigInt(field.bits[1])) in (field.values ?? {});
    held |= (legal ? written : old) & mask;
  }
  return held;
}

/** An unsupported MODE leaves the whole register as it was (rule satp_mode_op_unsupported). */
function legaliseSatp(row: CsrRow, old: bigint, written: bigint, facts: CsrFacts): bigint {
  const mode = Number(written >> (facts.xlen === 32 ? 31n : 60n));
  return mode === 0 || facts.modes.includes(mode) ? byFields(row, old, written) : old;
}

const FS = 3n << 13n;
const allContexts = [3n << 9n, FS, 3n << 15n];

/** FS exists only with F; SD sums up the states of contexts (rule mstatus_sd_op1). */
function legaliseStatus(row: CsrRow, old: bigint, written: bigint, facts: CsrFacts): bigint {
  const held = byFields(row, old, written) & ~(hasExtension(facts, 'F') ? 0n : FS);
  const sd = 1n << BigInt(facts.xlen - 1);
  return allContexts.some((context) => (held & context) === context) ? held | sd : held & ~sd;
}

/** The switches of extensions that the machine has not; they are read-only zero. */
function absentSwitches(row: CsrRow, { sstc, svadu, svpbmt, extensions }: CsrFacts): bigint {
  const [zicbom, zicboz] = [extensions.has('zicbom'), extensions.has('zicboz')];
  const present: Readonly<Record<string, boolean>> = {
    STCE: sstc,
    ADUE: svadu,
    PBMTE: svpbmt,
    CBIE: zicbom,
    CBCFE: zicbom,
    CBZE: zicboz,
  };
  return maskOfAll(row.fields.filter(({ name }) => present[name] === false));
}

function legalisePmp(row: CsrRow, old: bigint, written: bigint, facts: CsrFacts): bigint {
  if (row.name.startsWith('pmpcfg')) return legalisePmpConfiguration(row, old, written, facts.pmpEntries);
  return Number(row.name.slice('pmpaddr'.length)) < facts.pmpEntries ? byFields(row, old, written) : 0n;
}
