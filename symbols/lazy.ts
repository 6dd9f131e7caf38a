// Values that are worked out when they are first asked for.

import type { Guard } from './guard.ts';

/**
 * Works a value out once. Where the file is damaged, and while the value depends on itself, which only damaged files
 * make it do, it is `otherwise`.
 */
export function lazy<T>(guard: Guard, otherwise: T, work: () => T): () => T {
  let state: 'asked' | 'known' | undefined;
  let value = otherwise;
  return () => {
    if (state === undefined) {
      state = 'asked';
      value = guard(otherwise, work);
      state = 'known';
    }
    return value;
  };
}
