// The TextMate grammar of RISC-V assembly (GNU as, with C preprocessing), from the project's tables.

const scope = (name) => `${name}.riscv-asm`;

/** One of these words. Longest first, for engines that take the first alternative that fits. */
const oneOf = (words) =>
  `(?:${[...new Set(words)]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((word) => word.replaceAll('.', '\\.'))
    .join('|')})`;

// A name does not begin or end inside another; dots, dollars and macro arguments belong to names.
const before = '(?<![\\w.$%@\\\\])';
const after = '(?![\\w.$])';
const word = (words) => `${before}${oneOf(words)}${after}`;
const name = '[A-Za-z_.$][\\w.$]*';

const directives = [
  // symbols
  ...['comm', 'common', 'desc', 'equ', 'equiv', 'eqv', 'extern', 'global', 'globl', 'hidden', 'internal', 'lcomm'],
  ...['local', 'protected', 'set', 'size', 'symver', 'type', 'version', 'weak', 'weakref'],
  // sections
  ...['bss', 'data', 'popsection', 'previous', 'pushsection', 'rodata', 'sbss', 'sdata', 'section', 'srodata'],
  ...['subsection', 'text', 'tbss', 'tdata', 'org', 'offset', 'struct'],
  // data
  ...[
    '2byte',
    '4byte',
    '8byte',
    'ascii',
    'asciz',
    'byte',
    'dc',
    'double',
    'dtpreldword',
    'dtprelword',
    'dword',
    'fill',
  ],
  ...['float', 'half', 'hword', 'incbin', 'int', 'long', 'octa', 'quad', 'short', 'single', 'skip', 'sleb128', 'space'],
  ...['string', 'string16', 'string32', 'string64', 'string8', 'uleb128', 'word', 'zero', 'insn', 'nops'],
  // place
  ...['align', 'balign', 'balignl', 'balignw', 'p2align', 'p2alignl', 'p2alignw'],
  // conditions, repetition and macros
  ...[
    'altmacro',
    'else',
    'elseif',
    'endif',
    'endm',
    'endr',
    'exitm',
    'if',
    'ifb',
    'ifc',
    'ifdef',
    'ifeq',
    'ifeqs',
    'ifge',
  ],
  ...[
    'ifgt',
    'ifle',
    'iflt',
    'ifnb',
    'ifnc',
    'ifndef',
    'ifne',
    'ifnes',
    'ifnotdef',
    'irp',
    'irpc',
    'macro',
    'noaltmacro',
  ],
  ...['purgem', 'rep', 'rept', 'end'],
  // the assembler itself
  ...[
    'abort',
    'attribute',
    'error',
    'err',
    'fail',
    'file',
    'ident',
    'include',
    'line',
    'list',
    'loc',
    'loc_mark_labels',
  ],
  ...['nolist', 'option', 'print', 'warning', 'variant_cc', 'gnu_attribute', 'func', 'endfunc'],
  // unwinding
  ...['cfi_adjust_cfa_offset', 'cfi_b_key_frame', 'cfi_def_cfa', 'cfi_def_cfa_offset', 'cfi_def_cfa_register'],
  ...['cfi_endproc', 'cfi_escape', 'cfi_label', 'cfi_lsda', 'cfi_offset', 'cfi_personality', 'cfi_register'],
  ...[
    'cfi_rel_offset',
    'cfi_remember_state',
    'cfi_restore',
    'cfi_restore_state',
    'cfi_return_column',
    'cfi_same_value',
  ],
  ...['cfi_sections', 'cfi_signal_frame', 'cfi_startproc', 'cfi_undefined', 'cfi_val_encoded_addr', 'cfi_val_offset'],
];

const relocations = [
  ...['hi', 'lo', 'pcrel_hi', 'pcrel_lo', 'got_pcrel_hi', 'tprel_hi', 'tprel_lo', 'tprel_add', 'tls_ie_pcrel_hi'],
  ...['tls_gd_pcrel_hi', 'tlsdesc_hi', 'tlsdesc_load_lo', 'tlsdesc_add_lo', 'tlsdesc_call'],
];

const preprocessor = ['define', 'elif', 'else', 'endif', 'error', 'if', 'ifdef', 'ifndef', 'include', 'line', 'pragma'];

/** Instructions by what a reader wants to tell apart. */
function mnemonics({ instructions, compressedInstructions, aliases, macros }) {
  const real = [...instructions, ...compressedInstructions];
  const isSystem = (row) => row.host === 'csr' || row.host === 'system' || row.format === 'fence';
  const system = new Set(real.filter(isSystem).map((row) => row.mnemonic));
  const names = new Set(real.map((row) => row.mnemonic));
  const other = [...aliases, ...macros].map((row) => row.mnemonic).filter((each) => !names.has(each));
  const pseudoSystem = other.filter((each) =>
    /^(csr|rd(cycle|time|instret)|f[rs](csr|rm|flags)|fence|unimp|s(call|break))/.test(each),
  );
  const isAtomic = ({ format }) => /^(amo|lr)/.test(format);
  return {
    atomic: real.filter(isAtomic).map((row) => row.mnemonic),
    system: [...system, ...pseudoSystem],
    ordinary: real.filter((row) => !isAtomic(row) && !system.has(row.mnemonic)).map((row) => row.mnemonic),
    pseudo: other.filter((each) => !pseudoSystem.includes(each)),
  };
}

const comments = [
  { name: scope('comment.block'), begin: '/\\*', end: '\\*/' },
  { name: scope('comment.line.double-slash'), match: '//.*$' },
  { name: scope('comment.line.number-sign'), match: '#.*$' },
];

const strings = [
  {
    name: scope('string.quoted.double'),
    begin: '"',
    end: '"|$',
    patterns: [{ name: scope('constant.character.escape'), match: '\\\\(?:[0-7]{1,3}|x[0-9A-Fa-f]+|.)' }],
  },
  { name: scope('string.quoted.single'), match: "'(?:\\\\.|[^\\\\'\\s])'?" },
];

/** A line of the C preprocessor: only known directives, since `#` alone begins a comment. */
const preprocessorLine = {
  begin: `^\\s*(#)\\s*((?:${preprocessor.join('|')}|undef|warning))\\b`,
  beginCaptures: {
    1: { name: scope('punctuation.definition.directive') },
    2: { name: scope('keyword.control.preprocessor') },
  },
  end: '(?<!\\\\)$',
  name: scope('meta.preprocessor'),
  patterns: [
    { name: scope('string.quoted.other.include'), match: '(?<=include)\\s*<[^>]+>' },
    {
      match: `(?<=define|undef|ifdef|ifndef)\\s+(${name})`,
      captures: { 1: { name: scope('entity.name.function.preprocessor') } },
    },
    { match: '\\\\$', name: scope('punctuation.separator.continuation') },
    comments[0],
    comments[1],
    ...strings,
    { include: '#operands' },
  ],
};

const definitions = [
  {
    match: `(?i)(\\.macro)\\s+(${name})(?-i)`,
    captures: { 1: { name: scope('keyword.control.directive') }, 2: { name: scope('entity.name.function.macro') } },
  },
  {
    match: `(\\.(?:globl?|global|weak|local|hidden|type|size|set|equ|equiv|extern))\\s+(${name})`,
    captures: { 1: { name: scope('keyword.control.directive') }, 2: { name: scope('entity.name.function') } },
  },
  {
    match: `(?<![\\w.$%@])(${name})(:)`,
    captures: { 1: { name: scope('entity.name.function.label') }, 2: { name: scope('punctuation.separator.label') } },
  },
  {
    match: '(?<![\\w.$])(\\d+)(:)',
    captures: { 1: { name: scope('entity.name.function.label') }, 2: { name: scope('punctuation.separator.label') } },
  },
];

function operands({ integerNames, floatNames, roundingModes, csrs }) {
  const numbered = ['(?:[xf](?:[12]\\d|3[01]|\\d))'];
  return [
    { name: scope('variable.parameter.macro'), match: '\\\\(?:@|\\(\\)|[A-Za-z_][\\w]*)' },
    { name: scope('support.function.relocation'), match: `%${oneOf(relocations)}\\b` },
    {
      name: scope('constant.language.attribute'),
      match:
        '[@%](?:function|gnu_indirect_function|object|common|notype|tls_object|progbits|nobits|note|init_array|fini_array|preinit_array)\\b',
    },
    {
      name: scope('variable.language.register'),
      match: `${before}(?:${numbered}|${oneOf([...integerNames, ...floatNames, 'fp'])})${after}`,
    },
    { name: scope('support.constant.csr'), match: word(csrs.map((row) => row.name)) },
    { name: scope('constant.language.rounding-mode'), match: word(Object.values(roundingModes)) },
    { name: scope('constant.numeric.label'), match: '(?<![\\w.$])\\d+[bf]\\b' },
    { name: scope('constant.numeric.hex'), match: '(?<![\\w.$])0[xX][0-9A-Fa-f]+(?:UL|ULL|L|U)?\\b' },
    { name: scope('constant.numeric.binary'), match: '(?<![\\w.$])0[bB][01]+\\b' },
    { name: scope('constant.numeric.float'), match: '(?<![\\w.$])\\d+\\.\\d*(?:[eE][-+]?\\d+)?' },
    { name: scope('constant.numeric.decimal'), match: '(?<![\\w.$])\\d+(?:UL|ULL|L|U)?\\b' },
    { name: scope('keyword.operator'), match: '<<|>>|==|!=|<=|>=|&&|\\|\\||[-+*/%&|^~!<>=]' },
  ];
}

/** The grammar, as an object for JSON. */
export function riscvAsmGrammar(tables) {
  const { atomic, system, ordinary, pseudo } = mnemonics(tables);
  return {
    name: 'RISC-V Assembly',
    scopeName: 'source.riscv-asm',
    patterns: [
      preprocessorLine,
      ...comments,
      ...strings,
      ...definitions,
      { include: '#directives' },
      { include: '#instructions' },
      { include: '#operands' },
    ],
    repository: {
      directives: {
        patterns: [{ name: scope('keyword.control.directive'), match: `(?<![\\w$])\\.${oneOf(directives)}${after}` }],
      },
      instructions: {
        patterns: [
          {
            name: scope('keyword.mnemonic.atomic'),
            match: `${before}${oneOf(atomic)}(?:\\.aqrl|\\.aq|\\.rl)?${after}`,
          },
          { name: scope('keyword.mnemonic.system'), match: word(system) },
          { name: scope('keyword.mnemonic'), match: word(ordinary) },
          { name: scope('keyword.mnemonic.pseudo'), match: word(pseudo) },
        ],
      },
      operands: { patterns: operands(tables) },
    },
  };
}
