// The thread's garbage. V8 frees a module's machine code when every thread has found that it needs it no more; this one allocates so
// little otherwise that it would look for garbage only when hundreds of modules are there.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Finds what modules the thread no longer needs. */
export function collectModules(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
