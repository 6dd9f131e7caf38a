import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { csrs } from '../../emulator/csr/table.ts';
import { aliases, macros } from '../../emulator/isa/pseudo.ts';
import { floatNames, integerNames } from '../../emulator/isa/registers.ts';
import { compressedInstructions, instructions } from '../../emulator/isa/table.ts';
import { missingTokenizer, tokenizer } from './tokenizer.ts';

for (const script of ['generate-syntaxes.mjs', 'generate-coverage.mjs']) {
  test(`what ${script} writes is as the tables say`, () => {
    execFileSync('node', [`scripts/${script}`, '--check'], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
}

for (const language of ['riscv-asm', 'linker-script']) {
  test(`the patterns of ${language}'s configuration are regular expressions that fit`, () => {
    const configuration = JSON.parse(readFileSync(`syntaxes/${language}.language-configuration.json`, 'utf8'));
    const { folding, indentationRules, wordPattern } = configuration;
    const patterns = [folding.markers.start, folding.markers.end, ...Object.values<string>(indentationRules)];
    for (const pattern of [...patterns, wordPattern]) new RegExp(pattern);
    assert.match(language === 'riscv-asm' ? 'sfence.vma' : '__bss_start', new RegExp(`^(?:${wordPattern})$`));
  });
}

const skip = missingTokenizer() ?? false;

/** `text/scope` for the tokens that have a scope of their own. */
async function scoped(language: 'riscv-asm' | 'linker-script', text: string): Promise<string[]> {
  const tokens = (await tokenizer(language))(text);
  return tokens
    .filter(({ scope }) => !/^source|^punctuation|^meta/.test(scope))
    .map(({ text, scope }) => `${text}/${scope}`);
}

describe('the grammar of RISC-V assembly', { skip }, () => {
  test('every name of the tables has its scope', async () => {
    const tokenize = await tokenizer('riscv-asm');
    const groups: [names: readonly string[], scope: string][] = [
      [
        [...instructions, ...compressedInstructions, ...aliases, ...macros].map((row) => row.mnemonic),
        'keyword.mnemonic',
      ],
      [csrs.map((row) => row.name), 'support.constant.csr'],
      [[...integerNames, ...floatNames, 'fp', 'x0', 'x31', 'f9'], 'variable.language.register'],
    ];
    for (const [names, scope] of groups) {
      for (const name of names) {
        const tokens = tokenize(`\t${name}`);
        assert.deepEqual(
          tokens.map((token) => token.text),
          [name],
        );
        assert.ok(tokens[0]?.scope.startsWith(scope), `${name} is ${tokens[0]?.scope}`);
      }
    }
  });

  test('a statement shows label, mnemonic, registers, CSR, numbers and comment', async () => {
    assert.deepEqual(
      await scoped('riscv-asm', '1: csrrw a0, satp, t1 # on\n\tamoadd.w.aqrl a0,a1,(a2)\n\tbeqz a0, 1b'),
      [
        '1/entity.name.function.label',
        'csrrw/keyword.mnemonic.system',
        'a0/variable.language.register',
        'satp/support.constant.csr',
        't1/variable.language.register',
        '# on/comment.line.number-sign',
        'amoadd.w.aqrl/keyword.mnemonic.atomic',
        'a0/variable.language.register',
        'a1/variable.language.register',
        'a2/variable.language.register',
        'beqz/keyword.mnemonic.pseudo',
        'a0/variable.language.register',
        '1b/constant.numeric.label',
      ],
    );
  });

  test('names that only begin like a mnemonic or register are plain', async () => {
    assert.deepEqual(await scoped('riscv-asm', '\tcall add_one\n\tla a0, s0_end\n\tj .Lret'), [
      'call/keyword.mnemonic.pseudo',
      'la/keyword.mnemonic.pseudo',
      'a0/variable.language.register',
      'j/keyword.mnemonic.pseudo',
    ]);
  });

  test('directives, macros and relocations', async () => {
    const text =
      '.macro push reg\n\tsd \\reg, 0(sp)\n.endm\n.globl _start\n\tlui a0, %hi(x)\n.section ".text", @progbits';
    assert.deepEqual(await scoped('riscv-asm', text), [
      '.macro/keyword.control.directive',
      'push/entity.name.function.macro',
      'sd/keyword.mnemonic',
      '\\reg/variable.parameter.macro',
      '0/constant.numeric.decimal',
      'sp/variable.language.register',
      '.endm/keyword.control.directive',
      '.globl/keyword.control.directive',
      '_start/entity.name.function',
      'lui/keyword.mnemonic',
      'a0/variable.language.register',
      '%hi/support.function.relocation',
      '.section/keyword.control.directive',
      '".text"/string.quoted.double',
      '@progbits/constant.language.attribute',
    ]);
  });

  test('preprocessor lines are not comments, block comments span lines', async () => {
    assert.deepEqual(
      await scoped('riscv-asm', '#define SATP_MODE 0x8 // Sv39\n# define no\n# plain\n/* a\n ecall */ ecall'),
      [
        'define/keyword.control.preprocessor',
        'SATP_MODE/entity.name.function.preprocessor',
        '0x8/constant.numeric.hex',
        '// Sv39/comment.line.double-slash',
        'define/keyword.control.preprocessor',
        'no/entity.name.function.preprocessor',
        '# plain/comment.line.number-sign',
        '/* a/comment.block',
        'ecall *//comment.block',
        'ecall/keyword.mnemonic.system',
      ],
    );
  });
});

describe('the grammar of linker scripts', { skip }, () => {
  test('memory regions, segments and entry', async () => {
    const text = 'ENTRY(_start)\nMEMORY { RAM (rwx) : ORIGIN = 0x80000000, LENGTH = 128M }\nPHDRS { text PT_LOAD; }';
    assert.deepEqual(await scoped('linker-script', text), [
      'ENTRY/keyword.control',
      '_start/entity.name.function.symbol',
      'MEMORY/keyword.control.block',
      'RAM/variable.other.region',
      'ORIGIN/support.function',
      '=/keyword.operator',
      '0x80000000/constant.numeric.hex',
      'LENGTH/support.function',
      '=/keyword.operator',
      '128M/constant.numeric.decimal',
      'PHDRS/keyword.control.block',
      'PT_LOAD/constant.language',
    ]);
  });

  test('output sections with load address, region and segment', async () => {
    const text = '  .text : AT(ADDR(.text) - BASE) { KEEP(*(.init.*)) } >RAM AT>ROM :text';
    assert.deepEqual(await scoped('linker-script', text), [
      '.text/entity.name.section',
      'AT/keyword.other',
      'ADDR/support.function',
      '.text/support.type.input-section',
      '-/keyword.operator',
      'KEEP/keyword.other',
      '*/keyword.operator',
      '.init.*/support.type.input-section',
      '>/keyword.operator',
      'RAM/variable.other.region',
      'AT/keyword.other',
      '>/keyword.operator',
      'ROM/variable.other.region',
      'text/variable.other.segment',
    ]);
  });

  test('symbols, the location counter and what is discarded', async () => {
    const text = '. = ALIGN(4K);\nPROVIDE(__end = .); /* end */\n_stack += 16;\n/DISCARD/ : { *(.comment) }';
    assert.deepEqual(await scoped('linker-script', text), [
      './variable.language.location-counter',
      '=/keyword.operator',
      'ALIGN/support.function',
      '4K/constant.numeric.decimal',
      'PROVIDE/keyword.control',
      '__end/entity.name.function.symbol',
      '=/keyword.operator',
      './variable.language.location-counter',
      '/* end *//comment.block',
      '_stack/entity.name.function.symbol',
      '+=/keyword.operator',
      '16/constant.numeric.decimal',
      '/DISCARD//constant.language.discard',
      '*/keyword.operator',
      '.comment/support.type.input-section',
    ]);
  });
});
