// Whether data is there behind a satp write: stack, gp and tp, and the console.

import { hex, type VirtAddr, virt } from '../../emulator/address.ts';
import type { Access } from '../../emulator/inspection.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import type { Walk } from '../../emulator/mmu/walk.ts';
import { mappings } from '../map.ts';
import { spaceOf } from '../space.ts';
import type { Ground } from './ground.ts';
import type { PreflightCheck, Verdict } from './preflight.ts';
import { firstUse } from './register-use.ts';

export function checkRegister(
  ground: Ground,
  name: 'sp' | 'gp' | 'tp',
  number: number,
  start: VirtAddr,
): PreflightCheck {
  const value = ground.hart.x(number);
  const title = { sp: 'stack', gp: 'global pointer', tp: 'thread pointer' }[name];
  // What is pushed next lies below the stack pointer.
  const near = virt(BigInt.asUintN(ground.machine.xlen, name === 'sp' ? value - 16n : value));
  const access: Access = name === 'sp' ? 'store' : 'load';
  const walked = ground.walk(near, access, 8);
  const check = (verdict: Verdict, text: string, va = near, told: Walk = walked): PreflightCheck => ({
    id: name,
    title,
    verdict,
    text,
    va,
    ...ground.steps(told),
  });
  const what = `${name} = ${hex(value)}`;
  if (walked.ok) return check('ok', `${what} is ${ground.found(walked)}.`);
  if (value === 0n) return check('note', `${name} is not set.`);
  const use = firstUse(ground.machine, ground.hart, ground.regime, start, number);
  const fact = `${what} ${ground.fails(walked)}`;
  if (use.kind === 'reloaded')
    return check('note', `${fact}; it is set anew by ${use.text} at ${ground.at(use.pc)} first.`);
  if (use.kind === 'remapped')
    return check(
      'note',
      `${fact}; nothing uses it before ${use.text} at ${ground.at(use.pc)}, which is judged in its turn.`,
    );
  if (use.kind === 'unknown') {
    const verdict = name === 'sp' ? 'warning' : 'note';
    return check(
      verdict,
      `${fact}; nothing uses it as far as can be seen, so it must be set anew before something does.`,
    );
  }
  const used = ground.walk(use.address, use.store ? 'store' : 'load', 1);
  if (used.ok)
    return check('ok', `${what}: ${use.text} at ${ground.at(use.pc)} is ${ground.found(used)}.`, use.address, used);
  return check('bad', `${fact}; ${use.text} at ${ground.at(use.pc)} uses it.`, use.address, used);
}

/** Whether the serial port can still be reached. */
export function checkConsole(ground: Ground): PreflightCheck[] {
  const device = ground.machine.regions.find(({ name }) => /16550|uart/i.test(name));
  const { mode, root } = ground.satp;
  if (!device || !mode) return [];
  const base = { id: 'console', title: 'console' } as const;
  for (const run of mappings(ground.machine, spaceOf(ground.machine, ground.hart, mode, root))) {
    const inside = !run.repeated && device.base >= run.pa && device.base < run.pa + run.size;
    if (!inside) continue;
    const va = virt(run.va + (device.base - run.pa));
    return [
      { ...base, verdict: 'ok', va, text: `The ${device.name} is mapped at ${hex(va)}, ${permissionsText(run)}.` },
    ];
  }
  return [
    {
      ...base,
      verdict: 'note',
      text: `The ${device.name} is not mapped: nothing can be printed but through the SBI.`,
    },
  ];
}
