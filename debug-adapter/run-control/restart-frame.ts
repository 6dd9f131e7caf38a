// Going back to the first instruction of the function that a hart stands in, where that is exact without a history of the
// machine: where all that it may have done since then is undone by putting its registers back. That is proved from its
// instructions, or the user is told what stands against it.

import { hex, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { disassemble } from '../../emulator/isa/disassemble.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { UserError } from '../../emulator/user-error.ts';
import { strip } from '../../symbols/index.ts';
import { here as loaded, physicalOf, readSpace } from '../memory/space.ts';
import type { Frame, SessionContext } from '../session-context.ts';
import { FP, SP } from '../stack/frame.ts';
import { instructionAt } from './code.ts';
import { type Done, type Way, wayFromEntry, writesInteger } from './way-from-entry.ts';

/** What a restart does: registers by number, and pc. */
export interface Restart {
  readonly pc: VirtAddr;
  readonly registers: ReadonlyMap<number, bigint>;
}

const A0 = 10;
const ARGUMENTS = 8;
/** t0 to t6: a function may not expect anything of them when it is called. */
const temporary: readonly number[] = [5, 6, 7, 28, 29, 30, 31];

/** @throws UserError where it would not be exact. */
export function restartOf(session: SessionContext, { row }: Frame, hart: HartView): Restart {
  const { machine } = session;
  if (row.inlined) throw cannot('a function that is inlined has no entry of its own');
  if (row.frame.trap) throw cannot('it was interrupted by a trap');
  if (row.frame.called) throw cannot('it has called another function');
  const scope = row.located?.module.file.debug.scopesAt(row.located.link).at(-1);
  const symbol = session.symbols.symbolAt(hart.pc);
  if (!symbol || !row.located) throw cannot('no function is known here');
  const shift = hart.pc - row.located.link;
  const entry = scope ? plus(scope.entry, shift) : symbol.value;
  const ranges = scope?.ranges.map(({ start, end }) => ({ start: start + shift, end: end + shift })) ?? [
    { start: symbol.value, end: symbol.value + symbol.size },
  ];
  const isOwn = (pc: VirtAddr) => ranges.some(({ start, end }) => pc >= start && pc < end);
  const way = wayFromEntry(entry, hart.pc, (pc) => (isOwn(pc) ? instructionAt(machine, hart, pc) : undefined));
  if (!way) throw cannot('the way from its first instruction cannot be followed');
  const kind = scope?.function.type;
  const plain = kind?.prototyped && !kind.variadic && kind.parameters.every(({ type }) => isScalar(strip(type).kind));
  return new Proof(session, hart, way, plain ? kind.parameters.length : ARGUMENTS).restart(entry);
}

function isScalar(kind: string): boolean {
  return kind === 'pointer' || kind === 'base' || kind === 'enum';
}

class Proof {
  readonly #session: SessionContext;
  readonly #hart: HartView;
  readonly #way: Way;
  readonly #arguments: number;
  readonly #written: Set<number>;
  readonly #size: bigint;

  constructor(session: SessionContext, hart: HartView, way: Way, given: number) {
    this.#session = session;
    this.#hart = hart;
    this.#way = way;
    this.#arguments = given;
    this.#size = BigInt(session.machine.xlen / 8);
    const writing = way.done.filter(({ instruction: { row } }) => writesInteger(row.format));
    this.#written = new Set(writing.map(({ instruction }) => instruction.operands.rd).filter((rd) => rd !== 0));
  }

  restart(pc: VirtAddr): Restart {
    for (const done of this.#way.done) this.#check(done);
    const registers = new Map<number, bigint>();
    for (const number of this.#written) {
      const value = this.#onEntry(number);
      if (value !== undefined) registers.set(number, value);
    }
    return { pc, registers };
  }

  /** sp as it was on entry. */
  get #top(): bigint {
    const { sp } = this.#way.here;
    if (sp === undefined) throw cannot('sp is not where its code says');
    return this.#hart.x(SP) - BigInt(sp);
  }

  /** Whether an instruction has changed nothing but registers and the function's own stack. */
  #check(done: Done): void {
    const { row } = done.instruction;
    if (row.host !== undefined) throw this.#against(done, 'that cannot be taken back');
    if (['B', 'R', 'I', 'shift', 'unary', 'U', 'J'].includes(row.format) && !isLinking(done)) return;
    if (row.format === 'load') {
      if (this.#stackOffset(done) === undefined && !this.#isMemory(done))
        throw this.#against(done, 'which may have been a device: its address is not known any more, or is none of RAM');
      return;
    }
    if (row.format === 'S' || row.format === 'fp-store') {
      const offset = this.#stackOffset(done);
      if (offset === undefined || offset + widthOf(row.mnemonic) > 0) throw this.#against(done, 'beyond its own stack');
      return;
    }
    throw this.#against(done, isLinking(done) ? 'a call' : 'that cannot be taken back');
  }

  #against({ instruction, pc }: Done, what: string): UserError {
    const { symbols, machine } = this.#session;
    const symbol = (address: VirtAddr) => symbols.nameOf(address) || undefined;
    const text = disassemble(instruction, { address: pc, xlen: machine.xlen, symbol });
    return cannot(`it may have executed ${text} at ${hex(pc)}, ${what}`);
  }

  /** Where a load or store on the stack reaches, from sp on entry. */
  #stackOffset({ instruction: { operands }, sp, fp }: Done): number | undefined {
    const base = operands.rs1 === SP ? sp : operands.rs1 === FP ? fp : undefined;
    return base === undefined ? undefined : base + operands.imm;
  }

  /** Whether a load through a register that still has its value was one of RAM. */
  #isMemory({ instruction: { operands } }: Done): boolean {
    const { machine } = this.#session;
    if (this.#written.has(operands.rs1)) return false;
    const pa = physicalOf(
      machine,
      this.#hart,
      loaded,
      BigInt.asUintN(64, this.#hart.x(operands.rs1) + BigInt(operands.imm)),
    );
    return (
      pa !== undefined &&
      machine.regions.some(({ kind, base, size }) => kind === 'ram' && pa >= base && pa < base + size)
    );
  }

  /** What a register was on entry; undefined where nobody may ask. */
  #onEntry(number: number): bigint | undefined {
    if (number === SP) return this.#top;
    if (temporary.includes(number)) return undefined;
    if (number >= A0 + this.#arguments && number < A0 + ARGUMENTS) return undefined;
    const saved = this.#savedAt(number);
    if (saved === undefined) throw cannot(`the value that x${number} had on entry is lost`);
    const { machine } = this.#session;
    const bytes = readSpace(machine, this.#hart, loaded, virt(this.#top + BigInt(saved)), Number(this.#size));
    if (bytes.length < this.#size) throw cannot(`the value that x${number} had on entry cannot be read`);
    return littleEndian(bytes);
  }

  /** Where its first instructions have saved a register that nothing had written yet, and nothing has written over. */
  #savedAt(number: number): number | undefined {
    const store = this.#size === 8n ? 'sd' : 'sw';
    const before = this.#way.done.filter(({ first }) => first);
    const writes = before.findIndex(
      ({ instruction: { row, operands } }) => writesInteger(row.format) && operands.rd === number,
    );
    const untouched = writes < 0 ? before : before.slice(0, writes);
    const saving = untouched.find(
      ({ instruction: { row, operands } }) => row.mnemonic === store && operands.rs2 === number,
    );
    const offset = saving && this.#stackOffset(saving);
    if (!saving || offset === undefined) return undefined;
    const overwritten = this.#way.done.some((other) => {
      const { row } = other.instruction;
      if (other === saving || (row.format !== 'S' && row.format !== 'fp-store')) return false;
      const at = this.#stackOffset(other) ?? 0;
      return at < offset + Number(this.#size) && at + widthOf(row.mnemonic) > offset;
    });
    return overwritten ? undefined : offset;
  }
}

function isLinking({ instruction: { row, operands } }: Done): boolean {
  return (row.mnemonic === 'jal' || row.mnemonic === 'jalr') && operands.rd !== 0;
}

/** Bytes that a store writes, by the last letters of its name. */
function widthOf(mnemonic: string): number {
  return { b: 1, h: 2, w: 4, d: 8, q: 16 }[mnemonic.at(-1) ?? ''] ?? 16;
}

function cannot(why: string): UserError {
  return new UserError(
    `This frame cannot be restarted exactly: ${why}. Restart the session, or use Jump to Cursor (goto), which sets pc alone.`,
  );
}
