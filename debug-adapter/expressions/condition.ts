// Conditions of breakpoints and the text of log points.

import { decay, evaluateText } from './evaluate.ts';
import { isTrue } from './operators.ts';
import type { Scope } from './scope.ts';
import { evaluatedText } from './text.ts';

/** Whether the condition holds. Throws a UserError where it cannot be evaluated. */
export function evaluateCondition(text: string, scope: Scope): boolean {
  return isTrue(decay(evaluateText(text, scope).value, scope, 0), 0);
}

/** `text` with each `{expression}` replaced by its value, or by what is wrong with it. `\{` is a brace. */
export function formatLogMessage(text: string, scope: Scope): string {
  return text.replace(/\\([{}\\])|\{([^{}]*)\}/g, (_, escaped?: string, expression?: string) => {
    if (expression === undefined) return escaped as string;
    try {
      return evaluatedText(scope, evaluateText(expression, scope));
    } catch (error) {
      return `<${(error as Error).message}>`;
    }
  });
}
