// The `$` variables of conditions and log messages, by kind of event.

import type { CsrWriteEvent, MachineEvent, TrapEvent, WatchHit } from '../../emulator/events.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { isIgnored } from '../../kernel/index.ts';

export type EventVariables = Readonly<Record<string, bigint>>;

/** What a condition may need beyond the event itself. */
export interface EventFacts {
  readonly xlen: 32 | 64;
  /** User space has run since reset. */
  readonly user: boolean;
  /** How often this trap (cause, epc, tval) has been taken without progress, this time included. */
  readonly count: number;
}

export function eventVariables(event: MachineEvent, facts: EventFacts): EventVariables {
  const common = { pc: event.pc, hart: BigInt(event.hart), user: flag(facts.user) };
  if (event.kind === 'csr-write') return { ...common, ...writeVariables(event, facts.xlen) };
  if (event.kind === 'trap') return { ...common, ...trapVariables(event), count: BigInt(facts.count) };
  if (event.kind === 'sbi-call') {
    return { ...common, extension: event.extension, function: event.function, error: event.error };
  }
  return common;
}

/** `$mode`, `$root` and `$asid` are those of the value that the register holds afterwards, where it is satp. */
function writeVariables(event: CsrWriteEvent, xlen: 32 | 64): EventVariables {
  const { mode, root, asid } = decodeSatp(event.after, xlen);
  return {
    csr: BigInt(event.csr),
    old: event.before,
    new: event.after,
    written: event.written,
    mode: BigInt(mode?.code ?? 0),
    root,
    asid: BigInt(asid),
    ignored: flag(isIgnored(event)),
  };
}

function trapVariables(event: TrapEvent): EventVariables {
  return {
    cause: BigInt(event.cause),
    interrupt: flag(event.interrupt),
    tval: event.tval,
    epc: event.pc,
    from: BigInt(event.from),
    to: BigInt(event.to),
    handler: event.handler,
  };
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
