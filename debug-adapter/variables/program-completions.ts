// What the program's debug information offers behind the cursor: variables of the frame, members, types.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { memberNamed, memberNames, structOf } from '../../kernel/objects/members.ts';
import { strip, type Type, typeText } from '../../symbols/index.ts';
import { typeOfText } from '../expressions/index.ts';
import type { View } from './row.ts';

type Item = DebugProtocol.CompletionItem;

const MOST_TYPES = 1000;

/** Parameters and locals in sight. */
export function localItems({ scope }: View, start: string): Item[] {
  const names = new Set(scope.program.localNames().filter((name) => name.startsWith(start)));
  return [...names].flatMap((label) => {
    const variable = scope.program.local(label)?.variable;
    return variable ? [{ label, detail: `${typeText(variable.type)} (${variable.kind})`, type: 'variable' }] : [];
  });
}

/** Members of the struct that an expression is or points to; undefined where it is neither. */
export function memberItems({ scope }: View, base: string, start: string): Item[] | undefined {
  const type = structFrom(() => typeOfText(base, scope));
  if (!type) return undefined;
  const names = new Set(memberNames(type).filter((name) => name.startsWith(start)));
  return [...names].map((label) => {
    const member = memberNamed(type, label);
    return { label, ...(member && { detail: typeText(member.type) }), type: 'field' };
  });
}

/** The struct; of a pointer or an array what it leads to, as `.` and `->` have it. */
function structFrom(typeOf: () => Type): Type | undefined {
  try {
    const type = typeOf();
    const bare = strip(type);
    const inner = bare.kind === 'pointer' ? bare.target : bare.kind === 'array' ? bare.element : type;
    return structOf(inner);
  } catch {
    // What stands before the dot has no value here: nothing can be offered.
    return undefined;
  }
}

/** Types that the frame's code sees: behind `struct` those structs, without a keyword those that need none. */
export function typeItems({ scope }: View, start: string, tag?: string): Item[] {
  const prefix = tag ? `${tag} ` : '';
  return scope.program
    .typeNames()
    .filter((name) => name.startsWith(prefix + start) && (tag !== undefined || !/^(?:struct|union|enum) /.test(name)))
    .slice(0, MOST_TYPES)
    .map((name) => ({ label: name.slice(prefix.length), detail: 'type', type: 'class' }));
}
