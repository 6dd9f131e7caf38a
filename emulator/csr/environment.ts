// The switches of cache-block operations, which menvcfg and senvcfg have alike (unprivileged manual, "Cache Management
// Operations", "CSR controls for CMO instructions").

import { bit, field } from './fields.ts';
import type { CsrField } from './row.ts';

export const cacheBlockSwitches: readonly CsrField[] = [
  field('CBIE', [5, 4], 'WARL', 'what cbo.inval does below', { 0: 'illegal', 1: 'flush', 3: 'invalidate' }),
  bit('CBCFE', 6, 'WARL', 'cbo.clean and cbo.flush are allowed below'),
  bit('CBZE', 7, 'WARL', 'cbo.zero is allowed below'),
];
