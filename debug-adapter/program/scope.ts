// The scope of expressions at a hart, or in one of its frames.

import type { HartView } from '../../emulator/inspection.ts';
import type { Scope } from '../expressions/index.ts';
import { sightOf } from '../modules/sight.ts';
import type { Frame, SessionContext } from '../session-context.ts';
import { stackOf } from '../stack/rows.ts';
import { editorOf } from './editor.ts';
import { FrameProgram } from './frame-program.ts';
import { kernelScope } from './kernel-scope.ts';

export interface FrameScope extends Scope {
  readonly program: FrameProgram;
}

/** Without a frame: where the hart stands. Nothing is read before an expression asks. */
export function scopeOf(session: SessionContext, hart: HartView, frame?: Frame): FrameScope {
  const { machine } = session;
  const program = new FrameProgram(session, hart, () => frame?.row ?? innermostRow(session, hart));
  const symbols = session.symbols.seenBy(sightOf(machine, () => hart));
  const kernel = kernelScope(session, hart);
  return {
    machine,
    hart,
    symbols,
    program,
    editor: editorOf(machine, hart, program),
    ...(kernel && { kernel }),
  };
}

function innermostRow(session: SessionContext, hart: HartView) {
  const row = stackOf(session, hart.id).rows(1)[0];
  return row && 'frame' in row ? row : undefined;
}
