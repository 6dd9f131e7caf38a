// What is remembered between requests for variables: which number stands for which rows.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { HandleTree } from './handle-tree.ts';
import { locationReferences } from './locations.ts';
import type { Children, Row, View } from './row.ts';

/** Rows below a number, and the hart that they are about. */
export interface Node {
  readonly hart: number;
  /** The frame they are seen from; absent = where the hart stands. */
  readonly frame?: number;
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

/** The number of a row's children under `parent`; 0 when it has none. `node` is what the parent stands for. */
export function referenceOf(
  session: SessionContext,
  node: Pick<Node, 'hart' | 'frame'>,
  parent: number,
  { name, children }: Pick<Row, 'name' | 'children'>,
): number {
  const { hart, frame } = node;
  return children ? treeOf(session).put(parent, name, { hart, ...(frame !== undefined && { frame }), children }) : 0;
}

export function toVariable(
  view: View,
  node: Pick<Node, 'hart' | 'frame'>,
  parent: number,
  row: Row,
): DebugProtocol.Variable {
  const { name, value, type, evaluateName, memoryReference, location, children, kind } = row;
  const attributes = location ? [] : ['readOnly'];
  const hint = { ...(kind && { kind }), ...(attributes.length > 0 && { attributes }) };
  return {
    name,
    value,
    variablesReference: referenceOf(view.session, node, parent, row),
    ...(type !== undefined && { type }),
    ...(evaluateName !== undefined && { evaluateName }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(children?.indexed !== undefined && { indexedVariables: children.indexed }),
    ...(Object.keys(hint).length > 0 && { presentationHint: hint }),
    ...locationReferences(view.session, row),
  };
}
