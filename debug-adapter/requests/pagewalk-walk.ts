// How an address translates: the body of hovers.

import { hex64 } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import type { Walk } from '../../emulator/mmu/walk.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type ExplainedStep, explain, ruleOf, wouldPass } from '../../kernel/index.ts';
import { walkFor } from '../expressions/functions.ts';
import { evaluateAddress } from '../expressions/index.ts';
import { scopeOf } from '../program/scope.ts';
import type { ArgumentsOf, WalkBody, WalkStepRow } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { explanationNames, trapNames } from '../variables/names.ts';
import { hartMeant } from './hart-meant.ts';

export function pagewalkWalk(
  session: SessionContext,
  { address, access = 'load', hart: id }: ArgumentsOf<'pagewalk/walk'>,
): WalkBody {
  if (!['fetch', 'load', 'store'].includes(access)) {
    throw new UserError(`"access" is "${access}": it must be "fetch", "load" or "store".`);
  }
  const hart = hartMeant(session, id);
  const scope = scopeOf(session, hart);
  const walked = walkFor(scope, evaluateAddress(address, scope), access);
  const explanation = explain(walked, explanationNames(session, hart));
  const { va, regime, steps, region, symbol, text } = explanation;
  return {
    va: hex64(va),
    access,
    regime,
    steps: steps.map(stepRow),
    region,
    symbol,
    text,
    ok: explanation.ok,
    ...(explanation.ok
      ? {
          pa: hex64(explanation.pa),
          pageSize: hex64(explanation.pageSize),
          permissions: explanation.permissions,
          memoryType: explanation.memoryType,
        }
      : { cause: explanation.cause, ...failure(session, hart, walked) }),
  };
}

/** The rule that failed, and what would let the access pass. */
function failure(session: SessionContext, hart: HartView, walked: Walk) {
  if (walked.ok) return {};
  const { machine } = session;
  const { regime, va, access } = walked;
  const repairs = wouldPass({ machine, hart, regime, va, access, size: 1 }, trapNames(session, hart));
  return { rule: ruleOf(walked), repairs };
}

export function stepRow({ level, index, pteAddress, pte, text }: ExplainedStep): WalkStepRow {
  return { level, index, pteAddress: hex64(pteAddress), ...(pte !== undefined && { pte: hex64(pte) }), text };
}
