// DAP's events that the adapter sends, for docs/dap.md.

import type { CustomEvents } from '../protocol/requests.ts';
import type { AdapterEvents } from '../session-context.ts';

export const eventTexts: Readonly<Record<Exclude<keyof AdapterEvents, keyof CustomEvents>, string>> = {
  initialized: 'At once behind the answer to `initialize`.',
  process: 'The kernel, when it is loaded.',
  thread: 'Firmware has started a hart, or one has stopped itself.',
  module: 'A symbol file is there, is gone, or runs elsewhere than was thought (KASLR).',
  loadedSource: 'A stack has led to a source for the first time.',
  breakpoint: 'A breakpoint is bound, or bound elsewhere, since symbols have been loaded or have moved.',
  stopped: 'All harts stand; `description` is the fact, `hitBreakpointIds` all that was hit at once.',
  continued: 'Never without a request that says so, and to those the answer is enough.',
  output: 'The console of the guest (`stdout`), log points with their line, warnings (`important`).',
  invalidated: 'After an edit.',
  memory: 'After an edit, for each reference that the client has asked for.',
  progressStart: 'A request takes longer; it can be cancelled.',
  progressUpdate: 'What it does now.',
  progressEnd: 'It is done, or was cancelled.',
  exited: 'With the code that the guest powered off with.',
  terminated: 'The guest has ended, or was ended.',
};
