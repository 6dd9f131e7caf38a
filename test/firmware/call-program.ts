// A program in S-mode that makes a list of SBI calls and writes down what each gave, and the machines it is run on.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { phys } from '../../emulator/address.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { createMachine } from '../../emulator/machine.ts';
import { assemble } from '../oracle/assemble.ts';
import { runOnQemu } from '../support/qemu.ts';

export type Xlen = 32 | 64;

/** What the program does next. Words are XLEN bits wide, addresses physical. */
export type Step =
  | { readonly do: 'call'; readonly extension: bigint; readonly fid: bigint; readonly args: readonly bigint[] }
  /** Calls again and again until a1 is `value`. */
  | {
      readonly do: 'poll';
      readonly extension: bigint;
      readonly fid: bigint;
      readonly args: readonly bigint[];
      readonly value: bigint;
    }
  /** Waits until a shared word is `value`. */
  | { readonly do: 'await'; readonly word: number; readonly value: bigint }
  | { readonly do: 'put'; readonly word: number; readonly value: bigint }
  /** Gives the value of a shared word as a0. */
  | { readonly do: 'get'; readonly word: number }
  /** Clears SSIP. */
  | { readonly do: 'clear' };

/** a0 and a1 as signed numbers after the step, and which of SSIP and STIP are pending. */
export interface Answer {
  readonly a0: bigint;
  readonly a1: bigint;
  readonly pending: string;
}

export const Harts = 4;
export const memory = 64 << 20;
const recordWords = 10;
const resultWords = 3;
/** Offsets from the program's beginning. */
const [sharedAt, bufferAt, recordsAt, resultsAt] = [0x8000, 0x9000, 0x10000, 0x30000];

/** Words that hart 0, which makes the calls, and hart 1, which is started and stopped, have in common. */
export const Shared = {
  /** Times that hart 1 has begun or come back. */
  seen: 0,
  /** a0, a1, satp and sstatus.SIE of hart 1 when it began. */
  id: 1,
  opaque: 2,
  satp: 3,
  interrupts: 4,
  /** 1: hart_stop; 2: hart_suspend with the next three words. */
  command: 5,
  suspendType: 6,
  resumeAt: 7,
  resumeOpaque: 8,
  /** a0 after a hart_suspend that came back. */
  suspended: 9,
} as const;

export const programAt = (xlen: Xlen): bigint => (xlen === 64 ? 0x8020_0000n : 0x8040_0000n);
/** A page for buffers and masks; its first word is a mask of hart 0. */
export const buffer = (xlen: Xlen): bigint => programAt(xlen) + BigInt(bufferAt);
/** Where harts begin: right behind the Image's header. */
export const hartEntry = (xlen: Xlen): bigint => programAt(xlen) + 64n;

const source = (xlen: Xlen) => `
#define W (__riscv_xlen / 8)
#define HSM 0x48534d
begin:
  j boot
  .balign 8
  .dword ${xlen === 64 ? 0x200000 : 0x400000}, 0x100000, 0, 0, 0
  .ascii "RISCV\\0\\0\\0RSC\\x05\\0\\0\\0\\0"

secondary:
  jal shared
  S a0, ${Shared.id}*W(s3)
  S a1, ${Shared.opaque}*W(s3)
  csrr t0, satp
  S t0, ${Shared.satp}*W(s3)
  csrr t0, sstatus
  andi t0, t0, 2
  S t0, ${Shared.interrupts}*W(s3)
seen:
  L t0, ${Shared.seen}*W(s3)
  addi t0, t0, 1
  fence
  S t0, ${Shared.seen}*W(s3)
obey:
  L t0, ${Shared.command}*W(s3)
  beqz t0, obey
  S zero, ${Shared.command}*W(s3)
  fence
  li a7, HSM
  addi t0, t0, -1
  bnez t0, 1f
  li a6, 1
  ecall
  j obey
1: csrc sip, 2
  csrw sie, 2
  L a0, ${Shared.suspendType}*W(s3)
  L a1, ${Shared.resumeAt}*W(s3)
  L a2, ${Shared.resumeOpaque}*W(s3)
  li a6, 3
  ecall
  S a0, ${Shared.suspended}*W(s3)
  csrc sip, 2
  j seen

shared:
  la s0, begin
  li s3, ${sharedAt}
  add s3, s0, s3
  ret

boot:
  beqz a0, main
  # Firmware chose another hart to boot: let hart 0 go on.
  li a7, HSM
  li a6, 0
  li a0, 0
  la a1, main
  ecall
  li a6, 1
  ecall

main:
  la t0, trapped
  csrw stvec, t0
  csrw sie, zero
  jal shared
  li s1, ${recordsAt}
  add s1, s0, s1
  li s2, ${resultsAt}
  add s2, s0, s2
  li s4, 1
  li s5, ${bufferAt}
  add s5, s0, s5
  S s4, 0(s5)

next:
  li s6, 1000000
again:
  L t0, 0(s1)
  L a7, 1*W(s1)
  L a6, 2*W(s1)
  L a0, 3*W(s1)
  L a1, 4*W(s1)
  L a2, 5*W(s1)
  L a3, 6*W(s1)
  L a4, 7*W(s1)
  L a5, 8*W(s1)
  beqz t0, finish
  slli t1, a0, ${xlen === 64 ? 3 : 2}
  add t1, s3, t1
  addi t0, t0, -1
  beqz t0, call
  addi t0, t0, -1
  beqz t0, poll
  addi t0, t0, -1
  beqz t0, await
  addi t0, t0, -1
  beqz t0, put
  addi t0, t0, -1
  beqz t0, get
  csrc sip, 2
  j quiet
call:
  ecall
  j done
poll:
  ecall
  L t0, 9*W(s1)
  beq a1, t0, done
  addi s6, s6, -1
  bnez s6, again
  li a0, -999
  j done
await:
  L t0, 0(t1)
  bne t0, a1, await
  j quiet
put:
  fence
  S a1, 0(t1)
  j quiet
get:
  fence
  L a0, 0(t1)
  li a1, 0
  j done
quiet:
  li a0, 0
  li a1, 0
done:
  S a0, 0(s2)
  S a1, 1*W(s2)
  csrr t0, sip
  andi t0, t0, 0x22
  S t0, 2*W(s2)
  addi s1, s1, ${recordWords}*W
  addi s2, s2, ${resultWords}*W
  j next
  .balign 4
trapped:
  csrr a0, scause
  li a1, -1000
  la t0, done
  csrw sepc, t0
  sret
finish:
  # system_reset: shutdown, no reason.
  li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
1: j 1b
`;

const kinds = { call: 1, poll: 2, await: 3, put: 4, get: 5, clear: 6 } as const;

/** The Image of the program with its list of steps. */
export function callProgram(xlen: Xlen, steps: readonly Step[]): Uint8Array {
  const bytes = new Uint8Array(resultsAt);
  bytes.set(assemble(source(xlen), xlen));
  const size = xlen / 8;
  const view = new DataView(bytes.buffer);
  let at = recordsAt;
  for (const step of steps) {
    const words: bigint[] = [BigInt(kinds[step.do])];
    if (step.do === 'call' || step.do === 'poll') {
      words.push(step.extension, step.fid, ...Array.from({ length: 6 }, (_, i) => step.args[i] ?? 0n));
      if (step.do === 'poll') words.push(step.value);
    } else if (step.do !== 'clear') words.push(0n, 0n, BigInt(step.word), 'value' in step ? step.value : 0n);
    words.forEach((word, i) => {
      if (size === 8) view.setBigUint64(at + i * 8, BigInt.asUintN(64, word), true);
      else view.setUint32(at + i * 4, Number(BigInt.asUintN(32, word)), true);
    });
    at += recordWords * size;
  }
  if (at > resultsAt) throw new Error('the list of steps is too long for its place');
  return bytes;
}

function answersIn(bytes: Uint8Array, xlen: Xlen): Answer[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = xlen / 8;
  const word = (index: number) =>
    size === 8 ? view.getBigInt64(index * 8, true) : BigInt(view.getInt32(index * 4, true));
  const names = ['', 'SSIP', '', '', '', 'STIP'];
  return Array.from({ length: bytes.length / size / resultWords }, (_, i) => ({
    a0: word(i * resultWords),
    a1: word(i * resultWords + 1),
    pending: names.filter((name, bit) => name && (word(i * resultWords + 2) >> BigInt(bit)) & 1n).join(' '),
  }));
}

/** On our machine: with the firmware in a file, or the built-in SBI. */
export function onOurs(xlen: Xlen, isa: string, steps: readonly Step[], firmware?: string): Answer[] {
  const options = { memory: BigInt(memory), harts: Harts, isa };
  const plan = planBoot(
    {
      program: bytesSource('calls', callProgram(xlen, steps)),
      ...(firmware && { firmware: bytesSource(firmware, readFileSync(firmware)) }),
    },
    { ...options, firmware: firmware ? 'file' : 'builtin' },
  );
  const machine = createMachine({ ...options, mmu: plan.mmu }, plan);
  const outcome = machine.run(200_000_000);
  if (outcome.reason !== 'ended') throw new Error(`our machine did not power off: ${outcome.reason}`);
  const length = steps.length * resultWords * (xlen / 8);
  return answersIn(machine.readPhysical(phys(programAt(xlen) + BigInt(resultsAt)), length), xlen);
}

/** On QEMU with the firmware in a file. */
export async function onQemu(xlen: Xlen, cpu: string, steps: readonly Step[], firmware: string): Promise<Answer[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-calls-'));
  try {
    const image = path.join(folder, 'Image');
    writeFileSync(image, callProgram(xlen, steps));
    const results = Number(programAt(xlen)) + resultsAt;
    const length = steps.length * resultWords * (xlen / 8);
    const options = ['-smp', String(Harts), '-accel', 'tcg,thread=single', '-bios', firmware, '-kernel', image];
    const [bytes] = await runOnQemu(cpu, memory, [], [{ address: results, length }], options);
    return answersIn(bytes ?? new Uint8Array(), xlen);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
