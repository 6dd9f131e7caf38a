// completions: what the console and the watch offer behind the cursor.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { csrNamed } from '../../emulator/csr/table.ts';
import { functions } from '../expressions/functions.ts';
import { type Typed, typedAt } from '../expressions/index.ts';
import { fieldWord } from '../expressions/names.ts';
import { registerNames } from '../expressions/registers.ts';
import type { SessionContext } from '../session-context.ts';
import { presentCsrs } from './csrs.ts';
import { localItems, memberItems, typeItems } from './program-completions.ts';
import { type View, viewOf } from './row.ts';
import { verbs } from './verbs.ts';

type Item = DebugProtocol.CompletionItem;

const MOST_SYMBOLS = 100;

export function completions(
  session: SessionContext,
  args: DebugProtocol.CompletionsArguments,
): DebugProtocol.CompletionsResponse['body'] {
  const from = session.client.columnsStartAt1 === false ? 0 : 1;
  const before = args.text.slice(0, Math.max(args.column - from, 0));
  // The parts of a path of Rust or C++ are one word.
  const word = /[\w.$]*(?:::[\w.$]*)*$/.exec(before)?.[0] ?? '';
  const start = before.length - word.length;
  const view = viewOf(session, session.frame(args.frameId));
  const typed = typedAt(before);
  const program = typed && programItems(view, typed);
  if (typed && program) {
    return { targets: program.map((item) => ({ ...item, start: typed.start, length: typed.word.length })) };
  }
  const items = /^\s*$/.test(before.slice(0, start))
    ? [...verbItems(word), ...nameItems(view, word)]
    : [...nameItems(view, word), ...(typed?.opened && word ? typeItems(view, word) : [])];
  return { targets: items.map((item) => ({ ...item, start, length: word.length })) };
}

/** Where only members or types can stand; a dot may also be in the name of a symbol, or before a CSR's field. */
function programItems(view: View, { base, arrow, tag, word }: Typed): Item[] | undefined {
  if (base !== undefined) return memberItems(view, base, word) ?? (arrow ? [] : undefined);
  return tag && typeItems(view, word, tag);
}

function verbItems(word: string): Item[] {
  return Object.entries(verbs)
    .filter(([name]) => word !== '' && name.startsWith(word))
    .map(([name, { usage, text }]) => ({ label: name, detail: `${usage}: ${text}`, type: 'keyword' }));
}

function nameItems(view: View, word: string): Item[] {
  const dollar = word.startsWith('$') ? '$' : '';
  const name = word.slice(dollar.length);
  const [csrName = '', field] = name.split('.');
  const row = field === undefined ? undefined : csrNamed(csrName, view.scope.machine.xlen);
  if (row && field !== undefined) {
    return row.fields
      .filter((each) => fieldWord(each).toLowerCase().startsWith(field.toLowerCase()))
      .map((each) => ({ label: `${dollar}${row.name}.${fieldWord(each)}`, detail: each.text, type: 'field' }));
  }
  const locals = dollar ? [] : localItems(view, name);
  if (name === '' && dollar === '') return locals;
  const starting = (candidate: string) => candidate.startsWith(name);
  const registers = registerNames.filter(starting);
  const csrs = presentCsrs(view).filter((each) => starting(each.name));
  const named: Item[] = [
    ...registers.map((label): Item => ({ label: dollar + label, detail: 'register', type: 'variable' })),
    ...csrs.map((each): Item => ({ label: dollar + each.name, detail: each.text, type: 'property' })),
  ];
  if (dollar) return named;
  const called = Object.entries(functions).filter(([label]) => starting(label));
  return [
    ...locals,
    ...named,
    ...called.map(
      ([label, { signature }]): Item => ({ label, text: `${label}(`, detail: signature, type: 'function' }),
    ),
    ...view.scope.symbols
      .complete(name, MOST_SYMBOLS)
      .map((label): Item => ({ label, detail: 'symbol', type: 'variable' })),
  ];
}
