// A mistake of the user's, not of ours: shown as one sentence, without a stack.

/** Says what is wrong, names the file or field, and says what to do next. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
