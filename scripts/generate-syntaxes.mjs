// Writes the TextMate grammars into syntaxes/. usage: node scripts/generate-syntaxes.mjs [--check]
import { linkerScriptGrammar } from '../syntaxes/linker-script.mjs';
import { riscvAsmGrammar } from '../syntaxes/riscv-asm.mjs';
import { loadTables, writeOrCheck } from './generate-tables.mjs';

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

writeOrCheck({
  'syntaxes/riscv-asm.tmLanguage.json': json(riscvAsmGrammar(await loadTables())),
  'syntaxes/linker-script.tmLanguage.json': json(linkerScriptGrammar()),
});
