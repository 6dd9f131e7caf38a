// What the parts of a hart's behaviour need of the machine around it.

import type { PhysAddr, VirtAddr } from '../address.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import type { CsrFacts } from '../csr/legalise.ts';
import type { Listeners } from '../debug/listeners.ts';
import type { MachineEvent } from '../events.ts';
import type { Access, Inspection } from '../inspection.ts';
import type { Instruction } from '../isa/row.ts';
import type { Hart } from './hart.ts';

export interface HartContext {
  readonly xlen: 32 | 64;
  readonly guest: GuestMemory;
  readonly facts: CsrFacts;
  readonly inspection: Inspection;
  /** The built-in SBI answers S-mode's ecalls. */
  readonly builtinSbi: boolean;
  /** Misaligned loads and stores trap; else they are done. */
  readonly trapsMisaligned: boolean;
  /** mtime as the hart sees it now, in ticks. */
  mtime(hart: Hart): bigint;
  /** The same as a number. */
  ticks(hart: Hart): number;
  /** A timer comparator of the hart changed. */
  rescheduled(hart: Hart): void;
  /** Whether somebody listens; else the event need not be made. */
  readonly listeners: Pick<Listeners, 'hears' | 'hearsCsr'>;
  /** Tells listeners; true = stop after this instruction. */
  emit(event: MachineEvent): boolean;
  /** Tells listeners of what the hart's instruction is about to do, once; true = it must not be executed now. */
  emitBefore(hart: Hart, event: MachineEvent): boolean;
  /** Forgets cached translations of the hart: all, or those of one page. */
  forgetTranslations(hart: Hart, address?: VirtAddr, asid?: number): void;
  /** satp was written. */
  spaceChanged(hart: Hart): void;
  /** satp, MXR or an environment switch changed: the fast walk must know. */
  regimeChanged(hart: Hart): void;
  pmpChanged(hart: Hart): void;
  /** The instruction of these bits, if the machine has it. */
  decode(word: number): Instruction | undefined;
  /** A load or store of a power of two bytes, with everything that belongs to it; undefined = a trap was taken. */
  load(hart: Hart, address: VirtAddr, size: number, access?: Access): bigint | undefined;
  store(hart: Hart, address: VirtAddr, size: number, value: bigint): boolean;
  /** Answers an ecall of S-mode. */
  callSbi(hart: Hart): { readonly error: bigint; readonly value: bigint } | 'halted';
  /** The physical address for an access, with A and D set as the hardware would; undefined = a trap was taken. */
  translate(hart: Hart, address: VirtAddr, access: Access, size: number): PhysAddr | undefined;
  /** Writes RAM; decoded code that it changes is decoded anew. */
  writeRam(address: PhysAddr, bytes: Uint8Array): void;
}
