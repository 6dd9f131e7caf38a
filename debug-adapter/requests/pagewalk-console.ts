// Keys for the guest's console.

import { UserError } from '../../emulator/user-error.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';

export function pagewalkConsoleWrite(
  session: SessionContext,
  { data }: ArgumentsOf<'pagewalk/console/write'>,
): BodyOf<'pagewalk/console/write'> {
  let binary: string;
  try {
    binary = atob(data);
  } catch {
    throw new UserError('"data" of pagewalk/console/write must be base64.');
  }
  session.machine.type(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
  return {};
}
