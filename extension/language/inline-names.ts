// What the editor shows behind the lines of a stopped function: which words of the text have values.

import { isMemberOperator, isName, type Token, tokensOf } from './c-words.ts';
import { expressionOf, type Word } from './words.ts';

/** A word on a line, counted from 0. */
export interface InlineName extends Word {
  readonly line: number;
  /** A variable as the Locals have it; otherwise to be evaluated. */
  readonly isVariable: boolean;
}

/**
 * Variables and their members (`item`, `item->count`), each once a line, from `first` to `last`, comments left out.
 * `locals` are the names that the frame knows.
 */
export function namesOfCode(
  lines: readonly string[],
  first: number,
  last: number,
  locals: ReadonlySet<string>,
): InlineName[] {
  const names: InlineName[] = [];
  let comment = false;
  for (let line = 0; line <= last && line < lines.length; line++) {
    const { code, open } = withoutComments(lines[line] ?? '', comment);
    comment = open;
    if (line >= first) names.push(...once(namesOfLine(code, line, locals)));
  }
  return names;
}

function namesOfLine(code: string, line: number, locals: ReadonlySet<string>): InlineName[] {
  const tokens = tokensOf(code);
  return tokens.flatMap((token, at): InlineName[] => {
    if (!isName(token) || !locals.has(token.text) || isMemberOperator(tokens[at - 1])) return [];
    const variable = { line, ...span(code, token, token), isVariable: true };
    let end = at;
    while (isMemberOperator(tokens[end + 1]) && isMember(tokens[end + 2])) end += 2;
    // A member that is called is a function, or a method of Rust's.
    if (end > at && tokens[end + 1]?.text === '(') end -= 2;
    return end > at ? [variable, { line, ...span(code, token, tokens[end] as Token), isVariable: false }] : [variable];
  });
}

function isMember(token: Token | undefined): boolean {
  return token !== undefined && isName(token);
}

function span(code: string, from: Token, to: Token): Word {
  const end = to.start + to.text.length;
  return { start: from.start, end, expression: code.slice(from.start, end).replace(/\s+/g, '') };
}

/** The line with blanks for its comments; `open` = the next line begins inside of one. */
function withoutComments(line: string, inside: boolean): { readonly code: string; readonly open: boolean } {
  const end = inside ? line.indexOf('*/') : -2;
  if (end === -1) return { code: '', open: true };
  let code = ' '.repeat(end + 2) + line.slice(end + 2);
  let open = false;
  for (const { text, start } of tokensOf(code)) {
    if (!text.startsWith('//') && !text.startsWith('/*')) continue;
    open = text.startsWith('/*') && (text.length < 4 || !text.endsWith('*/'));
    code = code.slice(0, start) + ' '.repeat(text.length) + code.slice(start + text.length);
  }
  return { code, open };
}

/** Lines that begin a function of Rust; C has its functions at the left edge. */
const rustFunction = /^\s*(?:(?:pub(?:\([^)]*\))?|const|async|unsafe|extern(?:\s+"[^"]*")?)\s+)*fn\s/;
const leftEdge = /^[A-Za-z_]/;
const label = /^\w+\s*:(?!:)/;

/** The line on which the function around `stop` begins, as far as the text tells. */
export function functionStart(lines: readonly string[], stop: number, language: string): number {
  for (let line = stop; line > 0; line--) {
    const text = lines[line] ?? '';
    if (language === 'rust' ? rustFunction.test(text) : leftEdge.test(text) && !label.test(text)) return line;
  }
  return 0;
}

const register =
  /^(?:x(?:[12]?\d|3[01])|f(?:[12]?\d|3[01])|zero|ra|sp|gp|tp|fp|pc|f?t\d|ft1[01]|t[0-6]|f?a[0-7]|f?s(?:\d|1[01]))$/;

/** Registers and CSRs that an instruction names, each once. */
export function namesOfInstruction(text: string, line: number): InlineName[] {
  const code = text.replace(/(?:#|\/\/).*$|\/\*.*?(?:\*\/|$)/g, (comment) => ' '.repeat(comment.length));
  const [prefix = '', mnemonic = ''] = /^\s*(?:[\w.$]+:\s*)*([a-z][\w.]*)\s/.exec(code) ?? [];
  if (mnemonic === '') return [];
  const isCsr = /^csr[rwsc]/.test(mnemonic);
  const names = [...code.slice(prefix.length).matchAll(/[A-Za-z_.$][\w.$]*/g)].flatMap((match): InlineName[] => {
    const expression = expressionOf(match[0]);
    const start = prefix.length + match.index;
    const named = register.test(expression) || (isCsr && /^[a-z][a-z0-9]+$/.test(expression));
    return named && expression !== 'zero' && expression !== 'x0'
      ? [{ line, start, end: start + match[0].length, expression, isVariable: false }]
      : [];
  });
  return once(names);
}

function once(names: readonly InlineName[]): InlineName[] {
  const seen = new Set<string>();
  return names.filter(({ expression }) => !seen.has(expression) && seen.add(expression));
}
