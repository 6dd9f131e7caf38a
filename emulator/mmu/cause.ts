// From a reason to the exception code (privileged manual, "Supervisor Cause (scause) Register").

import type { Access } from '../inspection.ts';
import type { FaultReason } from './walk.ts';

const accessFault: Record<Access, number> = { fetch: 1, load: 5, store: 7 };
const pageFault: Record<Access, number> = { fetch: 12, load: 13, store: 15 };

/** The exception code that a failed translation raises: an access fault where memory refused, a page fault else. */
export function causeOf(reason: FaultReason, access: Access): number {
  const refused = reason === 'pte-unreadable' || reason === 'ad-update-refused' || reason === 'access-refused';
  return (refused ? accessFault : pageFault)[access];
}
