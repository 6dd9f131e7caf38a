// Random address spaces and accesses once more: for each access that faults, the reason that is given must be the first
// rule of the manual that fails, and with the proposed change made in the machine the access must pass.

import { phys, plus, virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import { type Access, type HartView, Privilege } from '../../emulator/inspection.ts';
import { pmpRegistersOf } from '../../emulator/mmu/pmp.ts';
import { walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type FaultReason, walk } from '../../emulator/mmu/walk.ts';
import { type Attempt, applyChanges, attemptOf, type Change, faultingAccess, repairOf } from '../../kernel/index.ts';
import { type AccessCommand, type Configuration, kinds, pmpEntries } from './access-harness.ts';
import { firstFailure } from './first-failure.ts';
import { load, type Model, ramBase, ramBytes, xlenOf } from './machines.ts';
import type { Random } from './random.ts';
import { tell, translationProgram } from './translation.ts';

const Csr = { mstatus: 0x300, medeleg: 0x302, mtvec: 0x305, menvcfg: 0x30a, menvcfgh: 0x31a, satp: 0x180 } as const;
const code = virt(ramBase + 0x2000);
/** Free pages at the end of RAM. */
const spareAt = ramBase + ramBytes - 0x10_0000;

export interface RepairTally {
  accesses: number;
  faults: number;
  /** Repaired, by the reason that failed first. */
  readonly repaired: Map<FaultReason, number>;
  /** Without translation, at a physical address where nothing is: no change can help. */
  nothingThere: number;
  /** Refused by PMP entries of which all that could help are locked. */
  locked: number;
}

export const newTally = (): RepairTally => ({
  accesses: 0,
  faults: 0,
  repaired: new Map(),
  nothingThere: 0,
  locked: 0,
});

/** Runs one program of accesses; what went wrong, or undefined. */
export function tryRepairs(model: Model, random: Random, tally: RepairTally): string | undefined {
  const { program, commands } = translationProgram(model, random);
  const machine = load(model, program);
  const bench = new Bench(machine, xlenOf(model));
  try {
    for (const [index, command] of commands.entries()) {
      if ('satp' in command) {
        bench.configure(command);
        continue;
      }
      tally.accesses += 1;
      const wrong = bench.check(command, tally);
      if (wrong) return `${tell(commands, index)}\n${wrong}`;
    }
    return undefined;
  } finally {
    bench.dispose();
  }
}

class Bench {
  readonly #machine: MachineControl;
  readonly #hart: HartView;
  readonly #xlen: 32 | 64;
  readonly #stop: () => void;
  #trap: TrapEvent | undefined;

  constructor(machine: MachineControl, xlen: 32 | 64) {
    this.#machine = machine;
    this.#xlen = xlen;
    this.#hart = machine.harts[0] as HartView;
    this.#stop = machine.listen(
      (event) => {
        if (event.kind === 'trap') this.#trap = event;
        return false;
      },
      { kinds: ['trap'] },
    );
    machine.setCsr(0, Csr.medeleg, 0n);
    machine.setCsr(0, Csr.mtvec, BigInt(code) + 0x800n);
  }

  dispose(): void {
    this.#stop();
  }

  configure({ satp, menvcfg, pmpaddr, pmpcfg }: Configuration): void {
    const { setCsr } = bound(this.#machine);
    setCsr(Csr.satp, satp);
    setCsr(Csr.menvcfg, BigInt.asUintN(this.#xlen, menvcfg));
    if (this.#xlen === 32) setCsr(Csr.menvcfgh, menvcfg >> 32n);
    for (const [index, address] of pmpaddr.entries()) setCsr(0x3b0 + index, address);
    const bytes = this.#xlen / 8;
    for (let first = 0; first < pmpEntries; first += bytes) {
      const part = pmpcfg.slice(first, first + bytes);
      const value = part.reduce((bits, byte, index) => bits | (BigInt(byte) << BigInt(index * 8)), 0n);
      setCsr(0x3a0 + first / 4, value);
    }
  }

  /** Makes the access; where it faults, holds the explanation against the manual and tries the repair. */
  check(command: AccessCommand, tally: RepairTally): string | undefined {
    const { size } = kinds[command.kind] as (typeof kinds)[number];
    const first = this.#access(command, command.va, command.mstatus);
    const access = first && faultingAccess[first.cause];
    if (!first || !access || isOurOwnFetch(first)) return undefined;
    tally.faults += 1;
    const whole = { va: virt(BigInt.asUintN(this.#xlen, command.va)), size };
    const attempt = attemptOf(this.#machine, this.#hart, first, this.#hart.csr(Csr.satp) ?? 0n, whole) as Attempt;
    const walked = walk(walkMemoryOf(this.#machine), attempt.regime, attempt.va, access, attempt.size);
    const expected = firstFailure(this.#machine, attempt);
    const given = walked.ok ? 'none' : walked.reason;
    if (given !== expected) return `the reason given is ${given}, the first rule that fails ${expected}`;

    let spare = spareAt;
    const hints = {
      spare() {
        spare += 4096;
        return phys(spare);
      },
    };
    const repair = repairOf(attempt, hints);
    if (!repair) {
      const refusal = walked.ok ? undefined : walked.refusal;
      if (!attempt.regime.mode && !this.#isRam(attempt.va)) tally.nothingThere += 1;
      else if (refusal?.by === 'PMP' && this.#isBarred(refusal.entry)) tally.locked += 1;
      else return `no repair of ${given}: ${refusal?.text}`;
      return undefined;
    }
    const undo = this.#apply(repair.changes);
    const status = repair.changes.find((change) => change.kind === 'csr' && change.csr === Csr.mstatus);
    const bits = status?.kind === 'csr' ? status.after & ~status.before : 0n;
    const moved = repair.changes.find((change) => change.kind === 'address');
    const va = moved?.kind === 'address' ? plus(moved.after, whole.va - attempt.va) : whole.va;
    const second = this.#access(command, va, command.mstatus | bits);
    const again = second && faultingAccess[second.cause] && second.tval === plus(va, attempt.va - whole.va);
    undo();
    if (again) {
      const done = JSON.stringify(repair, (_, value) =>
        typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
      );
      return `${given} is repaired, and still there is exception ${second.cause} for 0x${second.tval.toString(16)}: ${done}`;
    }
    tally.repaired.set(given as FaultReason, (tally.repaired.get(given as FaultReason) ?? 0) + 1);
    return undefined;
  }

  /** Whether an entry is locked, or none is free above it that could be given. */
  #isBarred(entry: number | undefined): boolean {
    const registers = pmpRegistersOf(this.#machine, this.#hart);
    const locked = ({ configuration }: (typeof registers)[number]) => (configuration & 0x80) !== 0;
    return registers.some((each, index) => (entry === undefined || index <= entry) && locked(each));
  }

  #isRam(address: bigint): boolean {
    return this.#machine.regions.some(
      ({ kind, base, size }) => kind === 'ram' && address >= base && address < base + size,
    );
  }

  /** Makes the changes; returns what takes them back. */
  #apply(changes: readonly Change[]): () => void {
    const machine = this.#machine;
    const before = changes.flatMap((change) => {
      if (change.kind === 'pte')
        return [{ address: change.address, bytes: copy(machine, change.address, change.size) }];
      return change.kind === 'table' ? [{ address: change.address, bytes: copy(machine, change.address, 4096) }] : [];
    });
    const csrs = changes.flatMap((change) => (change.kind === 'csr' ? [change] : []));
    applyChanges(machine, 0, changes);
    return () => {
      for (const { csr, before: value } of csrs.reverse()) machine.setCsr(0, csr, value);
      for (const { address, bytes } of before.reverse()) machine.writePhysical(address, bytes);
    };
  }

  /** One instruction that makes the access; the trap that it takes. */
  #access({ kind, value }: AccessCommand, va: bigint, mstatus: bigint): TrapEvent | undefined {
    const machine = this.#machine;
    const access: Access = kinds[kind]?.access ?? 'load';
    machine.writePhysical(phys(code), wordBytes(wordOf(kind)));
    machine.setX(0, 11, va);
    machine.setX(0, 12, value);
    machine.setCsr(0, 0x341, va);
    machine.setCsr(0, Csr.mstatus, mstatus);
    // Everything that is cached of translations is forgotten.
    machine.setCsr(0, Csr.satp, this.#hart.csr(Csr.satp) ?? 0n);
    machine.setPc(0, code);
    this.#trap = undefined;
    machine.step(0);
    if (access === 'fetch' && !this.#trap) machine.step(0);
    const trap = this.#trap as TrapEvent | undefined;
    // Back to M-mode, whatever has happened.
    if (this.#hart.privilege !== Privilege.M) this.#returnToMachineMode();
    return trap;
  }

  /** Behind a jump that has passed: a fetch from where nothing is, which M-mode takes. */
  #returnToMachineMode(): void {
    const satp = this.#hart.csr(Csr.satp) ?? 0n;
    this.#machine.setCsr(0, Csr.satp, 0n);
    this.#machine.setPc(0, virt(0xc000_0000));
    this.#machine.step(0);
    this.#machine.setCsr(0, Csr.satp, satp);
  }
}

const isOurOwnFetch = ({ cause, pc, tval }: TrapEvent) =>
  faultingAccess[cause] === 'fetch' && pc === code && tval - code < 4n;

const bound = (machine: MachineControl) => ({
  setCsr: (number: number, value: bigint) => void machine.setCsr(0, number, value),
});

const copy = (machine: MachineControl, address: ReturnType<typeof phys>, length: number) =>
  machine.readPhysical(address, length).slice();

const wordBytes = (word: number) => Uint8Array.of(word, word >> 8, word >> 16, word >> 24);

/** `lw a0, 0(a1)` and its kin; a jump is an mret. */
function wordOf(kind: number): number {
  const { name } = kinds[kind] as (typeof kinds)[number];
  const load = (funct3: number) => (11 << 15) | (funct3 << 12) | (10 << 7) | 0x03;
  const store = (funct3: number) => (12 << 20) | (11 << 15) | (funct3 << 12) | 0x23;
  const amo = (funct5: number, funct3: number, source = 12) =>
    (funct5 << 27) | (source << 20) | (11 << 15) | (funct3 << 12) | (10 << 7) | 0x2f;
  const words: Readonly<Record<string, number>> = {
    jump: 0x30200073,
    lb: load(0),
    lhu: load(5),
    lw: load(2),
    ld: load(3),
    sb: store(0),
    sh: store(1),
    sw: store(2),
    sd: store(3),
    'lr.w + sc.w': amo(2, 2, 0),
    'lr.d + sc.d': amo(2, 3, 0),
    'amoswap.w': amo(1, 2),
    'amoswap.d': amo(1, 3),
    'amomaxu.w': amo(0x1c, 2),
  };
  const word = words[name];
  if (word === undefined) throw new Error(`no instruction for ${name}`);
  return word;
}
