// The editor's own tokenizer, from the editor that the tests of the extension use.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const modules = path.resolve('.cache/workbench/node_modules/code-server/lib/vscode/node_modules');

/** Why no tokenizer can be had, undefined where one can. */
export function missingTokenizer(): string | undefined {
  return existsSync(path.join(modules, 'vscode-textmate')) ? undefined : 'needs the editor: run npm start once';
}

/** A piece of a line with the innermost scope that the grammar gives it, without the language's name. */
export interface Token {
  readonly text: string;
  readonly scope: string;
}

interface TextMateToken {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly scopes: readonly string[];
}

/** Tokenizes text by a grammar of syntaxes/. Blank tokens are left out. */
export async function tokenizer(language: 'riscv-asm' | 'linker-script'): Promise<(text: string) => Token[]> {
  const load = createRequire(import.meta.url);
  const textmate = load(path.join(modules, 'vscode-textmate'));
  const oniguruma = load(path.join(modules, 'vscode-oniguruma'));
  await oniguruma.loadWASM(readFileSync(path.join(modules, 'vscode-oniguruma/release/onig.wasm')));
  const file = `syntaxes/${language}.tmLanguage.json`;
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources: string[]) => new oniguruma.OnigScanner(sources),
      createOnigString: (text: string) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(file, 'utf8'), file),
  });
  const grammar = await registry.loadGrammar(`source.${language}`);
  return (text) => {
    let stack = textmate.INITIAL;
    return text.split('\n').flatMap((line) => {
      const result = grammar.tokenizeLine(line, stack);
      stack = result.ruleStack;
      return joined(line, result.tokens, language).filter((token) => token.text !== '');
    });
  };
}

/** Neighbours of one scope become one token: a string with its quotes. */
function joined(line: string, tokens: readonly TextMateToken[], language: string): Token[] {
  const pieces: Token[] = [];
  for (const { startIndex, endIndex, scopes } of tokens) {
    const piece = { text: line.slice(startIndex, endIndex), scope: (scopes.at(-1) ?? '').replace(`.${language}`, '') };
    const last = pieces.at(-1);
    if (last?.scope === piece.scope) pieces[pieces.length - 1] = { ...piece, text: last.text + piece.text };
    else pieces.push(piece);
  }
  return pieces.map(({ text, scope }) => ({ text: text.trim(), scope }));
}
