// evaluate and setExpression: hovers, watches, the console, the clipboard.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import { typeText } from '../../symbols/index.ts';
import { walkFor } from '../expressions/functions.ts';
import { evaluateText, formatNumber, mayBeAddress, type Radix, type Value, valueText } from '../expressions/index.ts';
import { referenceTo } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';
import { assign } from './assign.ts';
import { csrChildren } from './csrs.ts';
import { referenceOf } from './inspector.ts';
import { type Children, pointedMemory, type View, viewOf } from './row.ts';
import { accessFor, explanationOf, translationSuffix, walkChildren } from './translation.ts';
import { runVerb } from './verbs.ts';

type Body = DebugProtocol.EvaluateResponse['body'];

export function evaluate(session: SessionContext, args: DebugProtocol.EvaluateArguments): Body {
  const view = viewOf(session, session.hart(args.frameId), args.format?.hex);
  const { expression, context } = args;
  if (context === 'repl') {
    const answer = runVerb(view, expression);
    if (answer !== undefined) return { result: answer, variablesReference: 0 };
    const [, target, text] = /^(.*?[^=!<>])=([^=].*)$/.exec(expression) ?? [];
    if (target && text) return { ...edit(view, target, text), variablesReference: 0 };
  }
  const { value, radix = view.radix } = evaluateText(expression, view.scope);
  if (context === 'clipboard') return { result: formatNumber(value, radix), variablesReference: 0 };
  return present(view, expression, value, radix, context === 'hover');
}

export function setExpression(
  session: SessionContext,
  args: DebugProtocol.SetExpressionArguments,
): DebugProtocol.SetExpressionResponse['body'] {
  const view = viewOf(session, session.hart(args.frameId), args.format?.hex);
  const { result, memoryReference } = edit(view, args.expression, args.value);
  return { value: result, ...(memoryReference !== undefined && { memoryReference }) };
}

function edit(
  view: View,
  target: string,
  text: string,
): { readonly result: string; readonly memoryReference?: string } {
  const { value, radix = view.radix } = evaluateText(target, view.scope);
  if (!value.location) {
    throw new UserError(
      `${target.trim()} cannot be assigned: registers, CSRs, their fields and memory such as *(u32*)0x… can.`,
    );
  }
  const held = assign(view.session, view.scope, value.location, text);
  const memoryReference = pointedMemory(view, held);
  return { result: valueText(view.scope, held, radix), ...(memoryReference !== undefined && { memoryReference }) };
}

function present(view: View, expression: string, value: Value, radix: Radix | undefined, hover: boolean): Body {
  const { walk, location } = value;
  const text = walk ? explanationOf(view, walk).text : valueText(view.scope, value, radix);
  const translation = walk ? undefined : translationOf(view, value);
  const children = childrenOf(value, translation);
  const memoryReference = memoryOf(view, value);
  return {
    result: hover && translation ? text + translation.suffix : text,
    type: location?.kind === 'csr' ? location.row.text : typeText(value.type),
    variablesReference: referenceOf(view, 0, {
      name: `=${view.scope.hart.id} ${expression}`,
      ...(children && { children }),
    }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(!location && { presentationHint: { attributes: ['readOnly'] } }),
  };
}

interface Translation {
  readonly suffix: string;
  readonly children: Children;
}

/** How the value translates, if it can be a virtual address: not a physical one, nor a CSR's bits, nor contents that
 * are no address that anything is mapped at. */
function translationOf(view: View, value: Value): Translation | undefined {
  const { bits, space, location } = value;
  if (!mayBeAddress(value) || space?.kind === 'physical' || location?.kind === 'csr') return undefined;
  const at = { bits, ...(space && { space }) };
  const make = (now: View) => walkFor(now.scope, at, accessFor(now, at));
  const walked = make(view);
  if (!walked.ok && (location?.kind === 'memory' || (location && walked.reason === 'non-canonical'))) return undefined;
  return { suffix: translationSuffix(view, explanationOf(view, walked)), children: walkChildren(make) };
}

function childrenOf({ walk, location }: Value, translation: Translation | undefined): Children | undefined {
  if (walk) return walkChildren(() => walk);
  if (location?.kind === 'csr') return csrChildren(location.row);
  return translation?.children;
}

/** Of memory itself, its own address; else what the value points to. */
function memoryOf(view: View, value: Value): string | undefined {
  const { location } = value;
  return location?.kind === 'memory' ? referenceTo(location.space, location.address) : pointedMemory(view, value);
}
