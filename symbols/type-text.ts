// Types as C writes them: what gdb's `whatis` and `ptype` print.

import type { Member, Qualifier, Type } from './types.ts';

/** `struct page *`, `int (*)(void)`, `char [16]`; with a declarator `char name[16]`. */
export function typeText(type: Type, declarator = ''): string {
  return text(type, declarator, { left: maxParts });
}

/** So many types are written into one text: more only where damaged types contain themselves. */
const maxParts = 1000;

interface Budget {
  left: number;
}

function text(type: Type, declarator: string, budget: Budget): string {
  const [before, after] = parts(type, budget);
  // Without a declarator what follows a pointer's qualifiers does so directly: `char * const[2]`.
  const joins = declarator === '' ? /[*&(]( (const|volatile|restrict|_Atomic))*$/ : /[*&(]$/;
  const needsSpace = !joins.test(before) && (declarator !== '' || after !== '');
  return `${before}${needsSpace ? ' ' : ''}${declarator}${after}`;
}

/** The type without typedefs and qualifiers at its top. */
export function strip(type: Type): Type {
  let bare = type;
  for (let steps = 0; steps < 100 && (bare.kind === 'typedef' || bare.kind === 'qualified'); steps++)
    bare = bare.target;
  return bare;
}

/** What stands before and behind a declarator. */
function parts(type: Type, budget: Budget): [before: string, after: string] {
  if (budget.left-- <= 0) return ['…', ''];
  switch (type.kind) {
    case 'void':
    case 'base':
    case 'typedef':
      return [type.name ?? 'void', ''];
    case 'struct':
    case 'union':
    case 'class':
    case 'enum': {
      const tag = type.language === 'c' ? `${type.kind} ` : '';
      return [`${tag}${type.name ?? '{...}'}`, ''];
    }
    case 'qualified': {
      const [target, words] = qualifiersOf(type);
      const [before, after] = parts(target, budget);
      if (target.kind === 'pointer') return [`${before} ${words.join(' ')}`, after];
      // An array of constants is constant by itself.
      const more = words.filter((word) => target.kind !== 'array' || !before.startsWith(`${word} `));
      return [[...more, before].join(' '), after];
    }
    case 'pointer': {
      if (type.language === 'rust' && type.name) return [type.name, ''];
      const sign = type.style === 'pointer' ? '*' : type.style === 'reference' ? '&' : '&&';
      const [before, after] = parts(type.target, budget);
      const inner = after.startsWith('[') || after.startsWith('(');
      if (inner) return [`${before}${/[*&]$/.test(before) ? '' : ' '}(${sign}`, `)${after.trimStart()}`];
      return [`${before}${/[*&]$/.test(before) ? '' : ' '}${sign}`, after];
    }
    case 'array': {
      const [before, after] = parts(type.element, budget);
      return [before, `${type.dimensions.map((count) => `[${count ?? ''}]`).join('')}${after}`];
    }
    case 'function': {
      const [before, after] = parts(type.result, budget);
      const list = type.parameters.map((parameter) => text(parameter.type, '', budget));
      if (type.variadic) list.push('...');
      const inside = list.length > 0 ? list.join(', ') : type.prototyped ? 'void' : '';
      return [before, `(${inside})${after}`];
    }
  }
}

const qualifierWords: Readonly<Record<Qualifier, string>> = {
  const: 'const',
  volatile: 'volatile',
  restrict: 'restrict',
  atomic: '_Atomic',
};

/** What is qualified, and all its qualifiers in the order in which gdb writes them. */
function qualifiersOf(type: Type): [target: Type, words: string[]] {
  const found = new Set<string>();
  let target = type;
  for (let steps = 0; target.kind === 'qualified' && steps < 16; steps++) {
    found.add(target.qualifier);
    target = target.target;
  }
  return [target, Object.entries(qualifierWords).flatMap(([qualifier, word]) => (found.has(qualifier) ? [word] : []))];
}

/** The whole definition: of a struct its members, of an enum its values, of anything else what its typedefs stand for. */
export function typeDefinition(type: Type): string {
  const bare = strip(type);
  if (bare.kind === 'enum') {
    return `${typeText(bare)} {${bare.enumerators.map(({ name, value }) => `${name} = ${value}`).join(', ')}}`;
  }
  if (bare.kind !== 'struct' && bare.kind !== 'union' && bare.kind !== 'class') return typeText(bare);
  const lines = bare.members.map((member) => `    ${memberText(member)};`);
  return [`${typeText(bare)} {`, ...lines, '}'].join('\n');
}

function memberText({ name, type, bits }: Member): string {
  return `${typeText(type, name ?? '')}${bits ? ` : ${bits.size}` : ''}`;
}
