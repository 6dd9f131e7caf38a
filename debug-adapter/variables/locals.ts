// The scope of a frame's variables: parameters, locals, statics of the function.

import type { Seen } from '../expressions/index.ts';
import { locationOf } from '../expressions/names.ts';
import { type ObjectLocation, objectRow } from './objects.ts';
import type { Row, View } from './row.ts';

/** Whether the frame has any. */
export function hasLocals({ scope }: View): boolean {
  return scope.program.locals().length > 0;
}

export function localRows(view: View): Row[] {
  const seen = new Set<string>();
  return view.scope.program.locals().map((each) => {
    const { name } = each.variable;
    const hidden = seen.has(name);
    seen.add(name);
    return hidden ? hiddenRow(view, each) : variableRow(view, each);
  });
}

export function variableRow(view: View, seen: Seen, name = seen.variable.name): Row {
  const { variable } = seen;
  const location = locationOf(view.scope, seen) as ObjectLocation;
  const row = objectRow(view, name, location, variable.name, {
    kind: 'data',
    ...(variable.declared && { declared: variable.declared }),
  });
  const what = { parameter: ' (argument)', static: ' (static)', local: '', global: '' }[variable.kind];
  return { ...row, type: `${row.type}${what}` };
}

/** A variable whose name an inner block uses again: it has no name of its own in expressions. */
function hiddenRow(view: View, seen: Seen): Row {
  const { name, declared } = seen.variable;
  const { evaluateName: _, ...row } = variableRow(
    view,
    seen,
    `${name} (${declared ? `line ${declared.line}` : 'outer'})`,
  );
  return row;
}
