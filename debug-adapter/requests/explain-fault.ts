// The translation that failed, step by step, as exceptionInfo tells it.

import { hex64, paText, type VirtAddr, virt } from '../../emulator/address.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { Access, HartView } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { type Explanation, explain } from '../../kernel/index.ts';
import type { SessionContext } from '../session-context.ts';
import { explanationNames } from '../variables/names.ts';

const SATP = 0x180;

/** Walks the tables again as the trapped instruction did: at the privilege it ran at, under the satp it ran under. */
export function explainFault(session: SessionContext, event: TrapEvent, access: Access): string {
  const { machine } = session;
  const hart = machine.harts.find(({ id }) => id === event.hart) as HartView;
  const { satp } = session.watch.trapsOf(event.hart).open.at(-1) ?? { satp: hart.csr(SATP) ?? 0n };
  const { mode, root } = decodeSatp(satp, machine.xlen);
  const regime = regimeUnder(machine, hart, event.from === 3 ? undefined : mode, root, event.from);
  const va: VirtAddr = virt(event.tval);
  return explanationText(explain(walk(walkMemoryOf(machine), regime, va, access), explanationNames(session, hart)));
}

export function explanationText(explanation: Explanation): string {
  const { regime, steps, region, symbol, text, access, va } = explanation;
  const owner = [region, symbol && `<${symbol}>`].filter(Boolean).join(' ');
  const head = `${access} at ${hex64(va)}${owner && ` (${owner})`}`;
  const levels = steps.map(({ level, index, pteAddress, pte, text: step }) => {
    const value = pte === undefined ? '' : ` = ${hex64(pte)}`;
    return `  level ${level} [${index}] at ${paText(pteAddress)}${value}: ${step}`;
  });
  return [head, `  ${regime}`, ...levels, `  ${text}`].join('\n');
}
