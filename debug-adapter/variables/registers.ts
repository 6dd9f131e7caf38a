// The scopes of integer and floating-point registers.

import { floatNames, integerNames, registerText } from '../../emulator/isa/registers.ts';
import { wordOf } from '../../kernel/objects/c-types.ts';
import type { Frame } from '../session-context.ts';
import { locationRow, type Row, type View, valueRow } from './row.ts';

/** pc and x0–x31. Of an outer frame only what the unwinder knows: where it will go on, and its stack. */
export function integerRows(view: View, frame: Frame): Row[] {
  if (frame.level > 0) {
    const known = (name: string, bits: bigint) => valueRow(view, name, { bits, type: wordOf(view.scope.machine.xlen) });
    return [known('pc', frame.pc), ...(frame.sp === undefined ? [] : [known('sp', frame.sp)])];
  }
  const pc = locationRow(view, 'pc', { kind: 'pc' }, { code: view.scope.hart.pc });
  return [
    pc,
    ...integerNames.map((name, index) =>
      locationRow(view, name, { kind: 'x', index }, { type: `x${index}: ${registerText({ file: 'x', index })}` }),
    ),
  ];
}

export function floatRows(view: View): Row[] {
  return floatNames.map((name, index) =>
    locationRow(view, name, { kind: 'f', index }, { type: `f${index}: ${registerText({ file: 'f', index })}` }),
  );
}
