// Real kernels from reset to their power-off, on the road that the command line takes.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import { kernelProgramOf } from '../../debug-adapter/program/kernel-program.ts';
import { phys } from '../../emulator/address.ts';
import type { GuestEnd, MachineControl } from '../../emulator/control.ts';
import type { MachineEvent } from '../../emulator/events.ts';
import { ExpectedTraps } from '../../kernel/index.ts';
import { guestFile } from '../support/guests.ts';

export interface BootOptions {
  readonly harts?: number;
  /** An option of `pagewalk run`. */
  readonly isa?: string;
  readonly mmu?: string;
  readonly firmware?: string;
  readonly dtb?: string;
  readonly memory?: string;
  readonly append?: string;
  /** With the guest's vmlinux, so that pc has names. */
  readonly symbols?: boolean;
  /** Instructions of each call of `run`. */
  readonly slice?: number;
}

export interface SatpWrite {
  readonly hart: number;
  readonly pc: bigint;
  /** The function of pc, or empty. */
  readonly name: string;
}

export interface Boot {
  readonly text: string;
  readonly end: GuestEnd;
  /** Instructions of all harts together. */
  readonly instret: bigint;
  readonly satp: readonly SatpWrite[];
  /** Exceptions that the kernel did not reckon with; empty without symbols. */
  readonly unexpected: readonly string[];
  /** Of all registers and RAM at the end. */
  readonly hash: string;
}

export interface Guest {
  readonly folder: string;
  readonly initrd: string;
}

/** Why the guest cannot be booted here; false where it can. */
export function missing({ folder, initrd }: Guest): string | false {
  const found = ['Image', 'vmlinux', initrd].every((file) => guestFile(`${folder}/${file}`));
  return found ? false : `needs the guest ${folder}: set PAGEWALK_GUESTS`;
}

/** Why OpenSBI cannot be run here; false where it can. */
export function firmwareMissing(): string | false {
  const found = [32, 64].every((xlen) => existsSync(opensbi(xlen as 32 | 64, 'dynamic')));
  return found ? false : 'needs opensbi 1.5.1: node scripts/tools.mjs --install';
}

export const opensbi = (xlen: 32 | 64, kind: 'dynamic' | 'jump'): string =>
  `/usr/lib/riscv${xlen}-linux-gnu/opensbi/generic/fw_${kind}.bin`;

/** Far more than any of the guests needs. */
const most = 5_000_000_000n;

export function boot({ folder, initrd }: Guest, options: BootOptions = {}): Boot {
  const { harts = 1, symbols, slice = 10_000_000, append = '', ...rest } = options;
  const file = (name: string) => guestFile(`${folder}/${name}`) as string;
  const given = {
    initrd: file(initrd),
    append: `console=ttyS0 earlycon=sbi ${append}`.trim(),
    harts: String(harts),
    ...(symbols && { symbols: file('vmlinux') }),
    ...rest,
  };
  const guest = loadGuest(launchOf(file('Image'), given));
  const { machine } = guest;
  let text = '';
  machine.onConsole((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    return undefined;
  });
  const satp: SatpWrite[] = [];
  machine.listen(
    (event) => {
      if (event.kind !== 'csr-write' || event.csr !== 0x180) return false;
      satp.push({ hart: event.hart, pc: event.pc, name: guest.symbols.nameOf(event.pc).replace(/\+.*/, '') });
      return false;
    },
    { kinds: ['csr-write'], csrs: [0x180] },
  );
  const unexpected: string[] = [];
  const expected = new ExpectedTraps(
    machine,
    () => guest.symbols,
    (hart) => kernelProgramOf(guest, hart),
  );
  const judge = (event: MachineEvent) => {
    expected.note(event);
    if (event.kind === 'trap' && expected.why(event) === undefined) {
      unexpected.push(`${event.cause} at ${guest.symbols.nameOf(event.pc)} ${event.pc.toString(16)}`);
    }
    return false;
  };
  if (symbols) machine.listen(judge, { kinds: ['csr-write', 'trap'], csrs: ExpectedTraps.csrs });
  for (;;) {
    const outcome = machine.run(slice);
    const instret = machine.harts.reduce((sum, hart) => sum + hart.instret, 0n);
    if (outcome.reason === 'ended') return { text, end: outcome.end, instret, satp, unexpected, hash: hashOf(machine) };
    if (outcome.reason !== 'limit' || instret > most)
      throw new Error(`${folder} ends with ${outcome.reason}:\n${text}`);
  }
}

/** Integer, floating-point and control registers of every hart, and RAM. */
function hashOf(machine: MachineControl): string {
  const hash = createHash('sha256');
  const numbers = Array.from({ length: 4096 }, (_, number) => number);
  for (const hart of machine.harts) {
    const registers = numbers.slice(0, 32).flatMap((index) => [hart.x(index), hart.f(index)]);
    hash.update([hart.pc, hart.privilege, ...registers, ...numbers.map((number) => hart.csr(number))].join(' '));
  }
  for (const { kind, base, size } of machine.regions) {
    if (kind !== 'ram') continue;
    for (let at = base as bigint; at < base + size; at += 1n << 20n)
      hash.update(machine.readPhysical(phys(at), 1 << 20));
  }
  return hash.digest('hex');
}
