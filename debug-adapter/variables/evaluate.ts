// evaluate and setExpression: hovers, watches, the console, the clipboard.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import { strip, typeText } from '../../symbols/index.ts';
import { floatBits } from '../expressions/float.ts';
import { walkFor } from '../expressions/functions.ts';
import { evaluateText, locateText, mayBeAddress, type Radix, type Value, valueText } from '../expressions/index.ts';
import { isObjectType } from '../expressions/object-text.ts';
import { wholeText } from '../expressions/text.ts';
import { referenceTo } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';
import { assign, store } from './assign.ts';
import { csrChildren } from './csrs.ts';
import { referenceOf } from './inspector.ts';
import { locationReferences } from './locations.ts';
import { codeOf, childrenOf as objectChildren } from './objects.ts';
import { type Children, pointedMemory, type Row, type View, viewOf } from './row.ts';
import { accessFor, explanationOf, translationSuffix, walkChildren, walkRow } from './translation.ts';
import { runVerb } from './verbs.ts';

type Body = DebugProtocol.EvaluateResponse['body'];

export function evaluate(session: SessionContext, args: DebugProtocol.EvaluateArguments): Body {
  const frame = session.frame(args.frameId);
  const view = viewOf(session, frame, args.format?.hex);
  const { context } = args;
  const expression = context === 'repl' ? printed(args.expression, view) : args.expression;
  if (context === 'repl') {
    const answer = runVerb(view, expression) ?? floatEdit(view, expression);
    if (answer !== undefined) return { result: answer, variablesReference: 0 };
  }
  const scope = context === 'repl' ? { ...view.scope, assign: assigning(view) } : view.scope;
  const { value, radix = view.radix } = evaluateText(expression, scope);
  if (context === 'clipboard') return { result: wholeText(view.scope, value, radix), variablesReference: 0 };
  return present(view, { expression, frame: args.frameId, hover: context === 'hover' }, value, radix);
}

/** What gdb's `print x` and `p/x x` ask for, unless `p` is a variable that something is done with. */
function printed(text: string, { scope }: View): string {
  const [, word, format = '', rest = ''] = /^\s*(p|print)(\/[a-z])?\s+(.+)$/.exec(text) ?? [];
  if (!word || /^(?:[-+%^|<>=?]|&&|[!=]=)/.test(rest)) return text;
  const variable = scope.program.local(word) !== undefined && !/^[\w$"]/.test(rest) && !format;
  return variable ? text : `${format} ${rest}`;
}

/** Carries out the assignments of an expression. */
function assigning({ session, scope }: View): NonNullable<View['scope']['assign']> {
  return (location, value) => store(session, scope, location, value);
}

/** `fa0 = nan`: what a floating-point register takes that is no C. */
function floatEdit(view: View, expression: string): string | undefined {
  const [, target = '', text = ''] = /^(\s*\$?f\w+\s*)=([^=].*)$/.exec(expression) ?? [];
  if (!target || floatBits(text) === undefined) return undefined;
  const { location } = evaluateText(target, view.scope).value;
  return location?.kind === 'f' ? edit(view, target, text).result : undefined;
}

export function setExpression(
  session: SessionContext,
  args: DebugProtocol.SetExpressionArguments,
): DebugProtocol.SetExpressionResponse['body'] {
  const view = viewOf(session, session.frame(args.frameId), args.format?.hex);
  const { result, memoryReference } = edit(view, args.expression, args.value);
  return { value: result, ...(memoryReference !== undefined && { memoryReference }) };
}

function edit(
  view: View,
  target: string,
  text: string,
): { readonly result: string; readonly memoryReference?: string } {
  const { location, radix = view.radix } = locateText(target, view.scope);
  if (!location) {
    throw new UserError(
      `${target.trim()} cannot be assigned: registers, CSRs, their fields, variables and memory such as *(u32*)0x… can.`,
    );
  }
  const held = assign(view.session, view.scope, location, text);
  const memoryReference = pointedMemory(view, held);
  return { result: valueText(view.scope, held, radix), ...(memoryReference !== undefined && { memoryReference }) };
}

interface Asked {
  readonly expression: string;
  readonly frame: number | undefined;
  readonly hover: boolean;
}

function present(view: View, { expression, frame, hover }: Asked, value: Value, radix: Radix | undefined): Body {
  const { walk, location } = value;
  const text = walk ? explanationOf(view, walk).text : valueText(view.scope, value, radix);
  const translation = walk ? undefined : translationOf(view, value);
  const children = withTranslation(childrenOf(view, expression, value), translation);
  const memoryReference = memoryOf(view, value);
  const hart = view.scope.hart.id;
  const row = { name: `=${hart}/${frame ?? ''} ${expression}`, ...(children && { children }) };
  const code = codeOf(value);
  return {
    result: hover && translation ? text + translation.suffix : text,
    type: location?.kind === 'csr' ? location.row.text : typeText(value.type),
    variablesReference: referenceOf(view.session, { hart, ...(frame !== undefined && { frame }) }, 0, row),
    ...(children?.indexed !== undefined && { indexedVariables: children.indexed }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(!location && { presentationHint: { attributes: ['readOnly'] } }),
    ...(code !== undefined && valueLocation(view, code)),
  };
}

function valueLocation(view: View, code: bigint) {
  const { valueLocationReference } = locationReferences(view.session, { name: '', value: '', code });
  return valueLocationReference === undefined ? {} : { valueLocationReference };
}

/** What a pointer leads to, and below it how the pointer translates. */
function withTranslation(own: Children | undefined, translation: Translation | undefined): Children | undefined {
  if (!own || own.indexed !== undefined || !translation) return own ?? translation?.children;
  const { row } = translation;
  return { rows: (view) => [...own.rows(view), row(view)] };
}

interface Translation {
  readonly suffix: string;
  readonly row: (view: View) => Row;
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
  return {
    suffix: translationSuffix(view, explanationOf(view, walked)),
    row: (now) => ({ ...walkRow(now, 'translation', make), kind: 'virtual' }),
    children: walkChildren(make),
  };
}

function childrenOf(view: View, expression: string, value: Value): Children | undefined {
  const { walk, location } = value;
  if (walk) return walkChildren(() => walk);
  if (location?.kind === 'csr') return csrChildren(location.row);
  return isObjectType(value) ? objectChildren(view, value, bare(expression)) : undefined;
}

/** The expression without its format, as something that members may stand behind. */
function bare(expression: string): string {
  return expression
    .replace(/^\s*\/[a-z]\s+/, '')
    .replace(/,\s*\w+\s*$/, '')
    .trim();
}

/** Of memory itself, its own address; else what the value points to. */
function memoryOf(view: View, value: Value): string | undefined {
  const { location, type } = value;
  const pointer = strip(type).kind === 'pointer' ? pointedMemory(view, value) : undefined;
  if (pointer !== undefined) return pointer;
  return location?.kind === 'memory' ? referenceTo(location.space, location.address) : pointedMemory(view, value);
}
