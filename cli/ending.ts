// What the end of a run means to the one who started it: a line on standard error, and the exit code.

import type { RunEnd } from './drive.ts';

export const exitCodes =
  'Exit code: the guest’s own when it powers off; 0 at --until; 1 after a kernel panic or when the guest is stuck; 2 for a mistake on the command line; 3 at --limit.';

export function exitCodeOf(run: RunEnd): number {
  switch (run.kind) {
    case 'ended':
      if (run.end.code !== 0)
        process.stderr.write(`pagewalk: the guest ended with code ${run.end.code} (${run.end.by})\n`);
      return run.end.code;
    case 'panic':
      process.stderr.write('pagewalk: the kernel panicked\n');
      return 1;
    case 'stuck':
      process.stderr.write(`pagewalk: the guest is stuck: ${run.why}\n`);
      return 1;
    case 'limit':
      return 3;
    case 'reached':
    case 'left':
      return 0;
  }
}
