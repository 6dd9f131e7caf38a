// What a satp write will do, before it is made.

import { hex64, plus } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { lengthAt, type PendingSatp, preflight, satpWriteAt, spaceOf } from '../../kernel/index.ts';
import type { PreflightBody } from '../protocol/explaining.ts';
import type { ArgumentsOf, Hex64 } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { layoutOf, trapNames } from '../variables/names.ts';
import { hartMeant } from './hart-meant.ts';
import { differencesOf } from './pagewalk-diff.ts';
import { numberFrom } from './pagewalk-space.ts';
import { stepRow } from './pagewalk-walk.ts';

const SATP = 0x180;
const MOST = 1000;

export function pagewalkPreflight(
  session: SessionContext,
  { hart: id, satp }: ArgumentsOf<'pagewalk/preflight'>,
): PreflightBody {
  const hart = hartMeant(session, id);
  const write = writeMeant(session, hart, satp);
  const { before, after, verdict, text, checks } = preflight(session.machine, hart, write, trapNames(session, hart));
  return {
    stop: session.stop,
    hart: hart.id,
    pc: hex64(write.pc),
    satp: hex64(write.written),
    before,
    after,
    verdict,
    text,
    checks: checks.map(({ va, steps, ...check }) => ({
      ...check,
      ...(va !== undefined && { va: hex64(va) }),
      ...(steps && { steps: steps.map(stepRow) }),
    })),
    diff: differences(session, hart, write),
  };
}

/** The value given, as if it were written at pc; the write that stands at pc; the write that has just been made. */
export function writeMeant(session: SessionContext, hart: HartView, satp: Hex64 | undefined): PendingSatp {
  const { machine } = session;
  const { pc } = hart;
  if (satp !== undefined) {
    const written = BigInt.asUintN(machine.xlen, numberFrom('satp', satp));
    return { pc, next: plus(pc, lengthAt(machine, hart, pc)), before: hart.csr(SATP) ?? 0n, written };
  }
  const pending = satpWriteAt(machine, hart);
  if (pending) return pending;
  const event = session.runControl.lastStop?.event;
  if (event && 'csr' in event && event.csr === SATP && event.hart === hart.id) {
    const { written, before } = event;
    return { pc: event.pc, next: hart.pc, before, written };
  }
  throw new UserError('The instruction at pc does not write satp. Stop at one that does, or name a value: "satp".');
}

function differences(session: SessionContext, hart: HartView, { before, written }: PendingSatp) {
  const { machine } = session;
  const [was, is] = [decodeSatp(before, machine.xlen), decodeSatp(written, machine.xlen)];
  if (!was.mode || !is.mode) return [];
  const [old, next] = [spaceOf(machine, hart, was.mode, was.root), spaceOf(machine, hart, is.mode, is.root)];
  return differencesOf(machine, old, next, layoutOf(session, hart)).slice(0, MOST);
}
