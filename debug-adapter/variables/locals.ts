// The scopes of variables: the frame's parameters, locals and statics; what its file defines outside of functions.

import type { Seen } from '../expressions/index.ts';
import { locationNamed, locationOf } from '../expressions/names.ts';
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

/** Whether the frame's file is known, which may define some. */
export function mayHaveGlobals({ scope }: View): boolean {
  return scope.program.hasUnit;
}

export function globalRows(view: View): Row[] {
  const { program, machine } = view.scope;
  return program.globals().map((each) => {
    const { name } = each.variable;
    const row = variableRow(view, each);
    const means = program.local(name) ?? locationNamed(name, machine.xlen);
    return means ? withoutName(row) : row;
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
  return withoutName(variableRow(view, seen, `${name} (${declared ? `line ${declared.line}` : 'outer'})`));
}

/** Of a row whose name means something else in expressions. */
function withoutName({ evaluateName: _, ...row }: Row): Row {
  return row;
}
