// What is remembered between requests for variables: which number stands for which rows.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { HandleTree } from './handle-tree.ts';
import type { Children, Row, View } from './row.ts';

/** Rows below a number, and the hart that they are about. */
export interface Node {
  readonly hart: number;
  readonly children: Children;
}

const trees = new WeakMap<SessionContext, HandleTree<Node>>();

export function treeOf(session: SessionContext): HandleTree<Node> {
  const tree = trees.get(session) ?? new HandleTree<Node>();
  trees.set(session, tree);
  return tree;
}

export function nodeAt(session: SessionContext, reference: number): Node {
  const node = treeOf(session).get(reference);
  if (!node) throw new UserError(`There are no variables numbered ${reference}: ask for the scopes of a frame again.`);
  return node;
}

/** The number of a row's children under `parent`; 0 when it has none. */
export function referenceOf({ session, scope }: View, parent: number, row: Pick<Row, 'name' | 'children'>): number {
  const { name, children } = row;
  return children ? treeOf(session).put(parent, name, { hart: scope.hart.id, children }) : 0;
}

export function toVariable(view: View, parent: number, row: Row): DebugProtocol.Variable {
  const { name, value, type, evaluateName, memoryReference, location, children } = row;
  return {
    name,
    value,
    variablesReference: referenceOf(view, parent, row),
    ...(type !== undefined && { type }),
    ...(evaluateName !== undefined && { evaluateName }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(children?.indexed !== undefined && { indexedVariables: children.indexed }),
    ...(!location && { presentationHint: { attributes: ['readOnly'] } }),
  };
}
