// Following kernels that move themselves (KASLR): the slide is looked for whenever satp is written, until it is found.

import { virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { slideShownBy } from '../../kernel/index.ts';
import type { Symbols } from '../symbols.ts';
import type { Module } from './module.ts';
import { sightOf } from './sight.ts';

const SATP = 0x180;
const STVEC = 0x105;

/** The modules whose slide is looked for. */
export function unsettled({ modules }: Symbols): Module[] {
  return modules.filter((module) => module.space === 'kernel' && module.file.relocatable && !module.settled);
}

/** Looks at where `hart` runs and traps to; returns the modules whose slide is another one now. */
export function settleSlides(symbols: Symbols, machine: MachineControl, hart: HartView): Module[] {
  const open = unsettled(symbols);
  if (open.length === 0) return [];
  const { translate } = sightOf(machine, () => hart);
  const running = [hart.pc, virt((hart.csr(STVEC) ?? 0n) & ~3n)];
  return open.filter((module) => {
    const found = running.map((address) => slideShownBy(address, module.file.segments, translate));
    const slide = found.find((each) => each !== undefined);
    return slide !== undefined && module.settle(slide);
  });
}

/** Does so at each write to satp until all are found, for those who have no other listener. */
export function followSlides(machine: MachineControl, symbols: Symbols): void {
  const wanted = { kinds: ['csr-write'], csrs: [SATP] } as const;
  if (unsettled(symbols).length === 0) return;
  const stop = machine.listen((event) => {
    const hart = machine.harts.find(({ id }) => id === event.hart);
    if (hart) settleSlides(symbols, machine, hart);
    if (unsettled(symbols).length === 0) stop();
    return false;
  }, wanted);
}
