// The TextMate grammar of GNU linker scripts (GNU ld manual, "Linker Scripts"), plain or passed through the C
// preprocessor.

const scope = (name) => `${name}.linker-script`;
const oneOf = (words) => `\\b(?:${words.join('|')})\\b`;
// Names may hold what file names hold; an operator needs space around it there.
const name = '[A-Za-z_.$][\\w.$]*';

const blocks = ['SECTIONS', 'MEMORY', 'PHDRS', 'VERSION', 'OVERLAY'];

const commands = [
  ...['ENTRY', 'INCLUDE', 'INPUT', 'GROUP', 'AS_NEEDED', 'OUTPUT', 'SEARCH_DIR', 'STARTUP', 'OUTPUT_FORMAT', 'TARGET'],
  ...['OUTPUT_ARCH', 'REGION_ALIAS', 'ASSERT', 'EXTERN', 'FORCE_COMMON_ALLOCATION', 'INHIBIT_COMMON_ALLOCATION'],
  ...['FORCE_GROUP_ALLOCATION', 'INSERT', 'AFTER', 'BEFORE', 'NOCROSSREFS', 'NOCROSSREFS_TO', 'LD_FEATURE'],
  ...['PROVIDE', 'PROVIDE_HIDDEN', 'HIDDEN'],
];

const sectionWords = [
  ...['KEEP', 'SORT', 'SORT_BY_NAME', 'SORT_BY_ALIGNMENT', 'SORT_BY_INIT_PRIORITY', 'SORT_NONE', 'REVERSE'],
  ...['EXCLUDE_FILE', 'INPUT_SECTION_FLAGS', 'COMMON', 'CONSTRUCTORS', 'CREATE_OBJECT_SYMBOLS', 'LINKER_VERSION'],
  ...['BYTE', 'SHORT', 'LONG', 'QUAD', 'SQUAD', 'ASCIZ', 'FILL', 'AT', 'SUBALIGN', 'ALIGN_WITH_INPUT', 'ONLY_IF_RO'],
  ...['ONLY_IF_RW', 'NOLOAD', 'READONLY', 'TYPE', 'DSECT', 'COPY', 'INFO', 'FILEHDR', 'FLAGS'],
];

const functions = [
  ...['ABSOLUTE', 'ADDR', 'ALIGN', 'ALIGNOF', 'BLOCK', 'CONSTANT', 'DATA_SEGMENT_ALIGN', 'DATA_SEGMENT_END'],
  ...['DATA_SEGMENT_RELRO_END', 'DEFINED', 'LENGTH', 'LOADADDR', 'LOG2CEIL', 'MAX', 'MIN', 'NEXT', 'ORIGIN'],
  ...['SEGMENT_START', 'SIZEOF', 'SIZEOF_HEADERS'],
];

const constants = [
  ...['MAXPAGESIZE', 'COMMONPAGESIZE', 'PT_NULL', 'PT_LOAD', 'PT_DYNAMIC', 'PT_INTERP', 'PT_NOTE', 'PT_SHLIB'],
  ...['PT_PHDR', 'PT_TLS', 'PT_GNU_STACK', 'PT_GNU_EH_FRAME', 'PT_GNU_RELRO', 'PT_RISCV_ATTRIBUTES'],
];

/** The grammar, as an object for JSON. */
export function linkerScriptGrammar() {
  return {
    name: 'Linker Script',
    scopeName: 'source.linker-script',
    patterns: [
      { name: scope('comment.block'), begin: '/\\*', end: '\\*/' },
      { name: scope('comment.line.double-slash'), match: '(?<![:\\w])//.*$' },
      {
        match: '^\\s*(#\\s*(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|error))\\b',
        captures: { 1: { name: scope('keyword.control.preprocessor') } },
      },
      { name: scope('comment.line.number-sign'), match: '^\\s*#.*$' },
      { name: scope('string.quoted.double'), begin: '"', end: '"' },
      { name: scope('constant.language.discard'), match: '/DISCARD/' },
      {
        match: `(?<![\\w.$])(PROVIDE(?:_HIDDEN)?|HIDDEN)\\s*(\\()\\s*(${name})`,
        captures: {
          1: { name: scope('keyword.control') },
          2: { name: scope('punctuation.section.parens') },
          3: { name: scope('entity.name.function.symbol') },
        },
      },
      {
        match: `(ENTRY|EXTERN)\\s*(\\()\\s*(${name})`,
        captures: {
          1: { name: scope('keyword.control') },
          2: { name: scope('punctuation.section.parens') },
          3: { name: scope('entity.name.function.symbol') },
        },
      },
      { name: scope('variable.language.location-counter'), match: '(?<![\\w.$*)])\\.(?![\\w.$*])' },
      { name: scope('keyword.control.block'), match: oneOf(blocks) },
      {
        match: '(>)\\s*([A-Za-z_]\\w*)(?=\\s*(?:AT\\b|:|=|\\n|$|/\\*))',
        captures: { 1: { name: scope('keyword.operator') }, 2: { name: scope('variable.other.region') } },
      },
      { match: '(?<!\\w)(:)([A-Za-z_]\\w*)', captures: { 2: { name: scope('variable.other.segment') } } },
      {
        match: `(?<![\\w.$])(${name})(?=\\s*(?:\\([^)]*\\)\\s*)?:\\s*(?:ORIGIN|org|o)\\b)`,
        captures: { 1: { name: scope('variable.other.region') } },
      },
      {
        match: `(?<![\\w.$])(?!ORIGIN|LENGTH)(${name})(?=\\s*(?:<<|>>|[-+*/&|])?=(?!=))`,
        captures: { 1: { name: scope('entity.name.function.symbol') } },
      },
      {
        match: '^\\s*(\\.[A-Za-z_][\\w.$-]*)(?=\\s*(?:$|[^=;]*:))',
        captures: { 1: { name: scope('entity.name.section') } },
      },
      { name: scope('support.type.input-section'), match: '(?<![\\w$])\\.[A-Za-z_][\\w.$*?\\[\\]-]*' },
      { name: scope('support.function'), match: oneOf(functions) },
      { name: scope('keyword.control'), match: oneOf(commands) },
      { name: scope('keyword.other'), match: oneOf(sectionWords) },
      { name: scope('constant.language'), match: oneOf(constants) },
      { name: scope('constant.numeric.hex'), match: '\\b0[xX][0-9A-Fa-f]+[KMkm]?\\b' },
      { name: scope('constant.numeric.decimal'), match: '\\b\\d+[KMkm]?\\b' },
      { name: scope('keyword.operator'), match: '<<=?|>>=?|[-+*/&|]?=|==|!=|<=|>=|&&|\\|\\||[-+*/%&|^~!<>?]' },
      { name: scope('punctuation.terminator'), match: ';' },
    ],
  };
}
