// A trap explained: the access, the regime in force, each level of the walk, the rule that failed, and what would have
// let it pass.

import { hex, hex64, type PhysAddr, type VirtAddr, virt } from '../../emulator/address.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { type ExplainedStep, explain, type Names, regimeText } from '../explain.ts';
import type { KernelImage } from '../symbols.ts';
import { attemptOf, privilegeAt, regimeAt } from './attempt.ts';
import { accessSize, trappedInstruction } from './instruction.ts';
import { likelyMistake } from './likely-mistake.ts';
import { otherTrap } from './other-traps.ts';
import type { RepairWords } from './repair-text.ts';
import { type ManualRule, ruleOf } from './rule.ts';
import { trapDetails } from './trap-details.ts';
import type { Attempt } from './trial.ts';
import { wouldPass } from './would-pass.ts';

/** What is known of the kernel: names, and where its image belongs. */
export interface TrapNames extends Names {
  /** What is at a physical address: `.text`, `RAM`, `ns16550a`. */
  nameOfPhysical(pa: PhysAddr): string;
  readonly images: readonly KernelImage[];
}

export interface ExplainedTrap {
  readonly event: TrapEvent;
  /** `store page fault (15)`. */
  readonly name: string;
  /** `sd a0,0(a1)`; empty where it could not be read. */
  readonly instruction: string;
  readonly pcSymbol: string;
  /** The address that faulted; undefined where the trap has none. */
  readonly va: VirtAddr | undefined;
  /** Region and symbol of it. */
  readonly object: string;
  /** `Sv39, root pa:0x80210000, S-mode, SUM=0 MXR=0`. */
  readonly effective: string;
  readonly steps: readonly ExplainedStep[];
  readonly rule: ManualRule | undefined;
  /** The smallest change first; empty where nothing can be changed. */
  readonly repairs: readonly RepairWords[];
  /** The cause in one sentence. */
  readonly text: string;
  /** Everything, many lines. */
  readonly details: string;
}

/** Explains a trap while the machine stands at its handler's first instruction; `satp` = what it held at the trap. */
export function explainTrap(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  satp: bigint,
  names: TrapNames,
): ExplainedTrap {
  const trapped = trappedInstruction(machine, hart, event, satp, (va) => names.symbolOf(va) || undefined);
  const pcSymbol = names.symbolOf(event.pc);
  const where = `${hex(event.pc)}${pcSymbol && ` <${pcSymbol}>`}`;
  const top = event.interrupt ? 1n << BigInt(machine.xlen - 1) : 0n;
  const size = accessSize(trapped.instruction);
  const begin = virt(beginOf(hart, event, trapped, size));
  const attempt = attemptOf(machine, hart, event, satp, { va: begin, size });
  const base = { event, name: causeText(top | BigInt(event.cause), machine.xlen), instruction: trapped.text, pcSymbol };
  const told = attempt
    ? memoryFault(attempt, event, satp, names, trapped.instruction)
    : otherwise(machine, hart, event, satp, otherTrap(machine, hart, event, trapped, where));
  const explained = { ...base, ...told };
  return { ...explained, details: trapDetails(explained, where) };
}

type Told = Omit<ExplainedTrap, 'event' | 'name' | 'instruction' | 'pcSymbol' | 'details'>;

/** Where the access began that faulted at tval, maybe only in the next page. */
function beginOf(
  hart: HartView,
  { cause, tval, pc }: TrapEvent,
  { instruction }: ReturnType<typeof trappedInstruction>,
  size: number,
): bigint {
  if (cause === 1 || cause === 12) return pc;
  const operands = instruction?.operands;
  const begin = operands ? BigInt.asUintN(64, hart.x(operands.rs1) + BigInt(operands.imm)) : tval;
  return tval > begin && tval - begin < BigInt(size) ? begin : tval;
}

function memoryFault(
  attempt: Attempt,
  event: TrapEvent,
  satp: bigint,
  names: TrapNames,
  instruction: Instruction | undefined,
): Told {
  const { machine, hart, regime, va, access, size } = attempt;
  const walked = walk(walkMemoryOf(machine, hart.id), regime, va, access, size);
  const { steps, region, symbol, text } = explain(walked, names);
  return {
    va,
    object: [region, symbol && `<${symbol}>`].filter(Boolean).join(' '),
    effective: effectiveText(attempt, event) + notInForce(attempt, satp),
    steps,
    rule: walked.ok ? undefined : ruleOf(walked),
    repairs: walked.ok ? [] : wouldPass(attempt, names),
    text: walked.ok
      ? `${text} By now it translates: the tables have been changed since.`
      : text.replace(/\.$/, `${notInForce(attempt, satp)}${likelyMistake(attempt, event, instruction)}.`),
  };
}

function otherwise(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  satp: bigint,
  { text, remedy, rule }: ReturnType<typeof otherTrap>,
): Told {
  return {
    va: [0, 4, 6].includes(event.cause) && !event.interrupt ? virt(event.tval) : undefined,
    object: '',
    effective: regimeText(regimeAt(machine, hart, event, satp, 'fetch')),
    steps: [],
    rule,
    repairs: remedy ? [{ text: remedy, warnings: [] }] : [],
    text,
  };
}

/** The regime, and what made it so. */
function effectiveText({ regime, access }: Attempt, event: TrapEvent): string {
  const modified = event.from === 3 && privilegeAt(event, access) !== 3;
  const policy = regime.mode ? `, A and D by ${regime.hardwareAD ? 'hardware' : 'software (Svade)'}` : '';
  return `${regimeText(regime)}${policy}${modified ? ' (M-mode with MPRV=1 accesses as MPP says)' : ''}`;
}

/** What to know where M-mode goes past the paging that satp names. */
function notInForce({ machine, regime }: Attempt, satp: bigint): string {
  const { mode } = decodeSatp(satp, machine.xlen);
  return mode && regime.privilege === 3 ? `; satp names ${mode.name}, which M-mode does not use (MPRV=0)` : '';
}

/** An explanation as programs read it, but for the steps of the walk. */
export function explainedFields(told: ExplainedTrap) {
  const { event, name, instruction, pcSymbol, va, object, effective, rule, repairs, text } = told;
  return {
    name,
    cause: event.cause,
    hart: event.hart,
    pc: hex64(event.pc),
    pcSymbol,
    instruction,
    ...(va !== undefined && { va: hex64(va) }),
    object,
    effective,
    ...(rule && { rule }),
    repairs,
    text,
  };
}
