// The `$` variables of conditions and log messages, by kind of occurrence.

import type { CsrPendingEvent, CsrWriteEvent, TrapEvent, WatchHit } from '../../emulator/events.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { isIgnored, type Mapping, type MappingFinding } from '../../kernel/index.ts';
import type { Occurrence, OccurrenceFacts } from './occurrence.ts';

export type EventVariables = Readonly<Record<string, bigint>>;

/** Numbers of SBI HSM. */
const hartStates = { started: 0n, stopped: 1n, suspended: 4n, waiting: 0n } as const;

export function eventVariables(occurrence: Occurrence, facts: OccurrenceFacts): EventVariables {
  const common = { pc: occurrence.pc, hart: BigInt(occurrence.hart), user: flag(facts.user) };
  return { ...common, ...ownVariables(occurrence, facts) };
}

function ownVariables(occurrence: Occurrence, { xlen, count }: OccurrenceFacts): EventVariables {
  switch (occurrence.kind) {
    case 'csr-write':
      return { ...csrVariables(occurrence, occurrence.after, xlen), ignored: flag(isIgnored(occurrence)) };
    case 'csr-pending':
      return csrVariables(occurrence, occurrence.written, xlen);
    case 'trap':
      return { ...trapVariables(occurrence), count: BigInt(count) };
    case 'privilege':
      return { from: BigInt(occurrence.from), to: BigInt(occurrence.to), target: occurrence.target };
    case 'trap-return':
      return { from: BigInt(occurrence.from), to: BigInt(occurrence.to), target: occurrence.target };
    case 'paging-start': {
      const { mode, root, asid } = decodeSatp(occurrence.satp, xlen);
      const { target, mapped } = occurrence;
      return { target, mapped: flag(mapped), mode: BigInt(mode?.code ?? 0), root, asid: BigInt(asid) };
    }
    case 'jump-unmapped':
      return { target: occurrence.target, caller: occurrence.caller ?? 0n };
    case 'sfence': {
      const { address, asid } = occurrence;
      return { va: address ?? 0n, all: flag(address === undefined), asid: asid === undefined ? ANY : BigInt(asid) };
    }
    case 'sbi-call': {
      const { extension, function: called, error, value, args } = occurrence;
      const registers = Object.fromEntries(args.map((arg, index) => [`arg${index}`, arg]));
      return { extension, function: called, error, value, ...registers };
    }
    case 'hart-state':
      return { state: hartStates[occurrence.state] };
    case 'wfi':
      return { waits: flag(occurrence.waits) };
    case 'device-access': {
      const { va, pa, size, value, access } = occurrence;
      return { addr: va, pa, size: BigInt(size), value, store: flag(access === 'store') };
    }
    case 'ad-update': {
      const { va, pte, level, before, after } = occurrence;
      return { va, pte, level: BigInt(level), old: before, new: after };
    }
    case 'first-use': {
      const { va, pa, access, root, level } = occurrence;
      return { va, pa, root, level: BigInt(level), access: accesses[access] };
    }
    case 'pte-write':
    case 'map-change':
    case 'map-frame':
    case 'map-wx':
    case 'map-malformed':
      return mappingVariables(occurrence);
    case 'fence-i':
    case 'console':
    case 'table-write':
    case 'page-use':
      return {};
  }
}

const ANY = 0xffff_ffff_ffff_ffffn;
/** As the R, W and X bits of a PTE. */
const accesses = { load: 2n, store: 4n, fetch: 8n } as const;

/** `$mode`, `$root` and `$asid` are those of the value that satp holds afterwards. */
function csrVariables(event: CsrWriteEvent | CsrPendingEvent, after: bigint, xlen: 32 | 64): EventVariables {
  const { mode, root, asid } = decodeSatp(after, xlen);
  return {
    csr: BigInt(event.csr),
    old: event.before,
    new: after,
    written: event.written,
    mode: BigInt(mode?.code ?? 0),
    root,
    asid: BigInt(asid),
  };
}

function trapVariables(event: TrapEvent): EventVariables {
  const refusal = event.fault?.refusal;
  return {
    cause: BigInt(event.cause),
    interrupt: flag(event.interrupt),
    tval: event.tval,
    epc: event.pc,
    from: BigInt(event.from),
    to: BigInt(event.to),
    handler: event.handler,
    ...(refusal && { entry: refusal.entry === undefined ? ANY : BigInt(refusal.entry) }),
  };
}

/** `$oldpa`, `$oldr`, `$newpa`, …: what the range meant and means; of a range that is not mapped all are 0. */
function mappingVariables(finding: MappingFinding): EventVariables {
  const { va, size, pte, old, level, root } = finding;
  const common = { va, size, pte: pte ?? 0n, old, new: finding.new, level: BigInt(level), root };
  if (finding.kind !== 'map-change') return common;
  return { ...common, ...prefixed('old', finding.change.before), ...prefixed('new', finding.change.after) };
}

function prefixed(prefix: 'old' | 'new', mapping: Mapping | undefined): EventVariables {
  const { pa = 0n, r = false, w = false, x = false, u = false } = mapping ?? {};
  const bits = { mapped: mapping !== undefined, r, w, x, u };
  const flags = Object.entries(bits).map(([name, set]) => [`${prefix}${name}`, flag(set)] as const);
  return { [`${prefix}pa`]: pa, ...Object.fromEntries(flags) };
}

/** Of a watched access. */
export function accessVariables(hit: WatchHit): EventVariables {
  return {
    addr: hit.va,
    pa: hit.pa,
    size: BigInt(hit.size),
    old: hit.before,
    new: hit.after,
    value: hit.after,
    pc: hit.pc,
    hart: BigInt(hit.hart),
  };
}

function flag(yes: boolean): bigint {
  return yes ? 1n : 0n;
}
