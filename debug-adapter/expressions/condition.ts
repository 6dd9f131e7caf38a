// Conditions of breakpoints and the text of log points.

import { evaluateText, isTrue } from './evaluate.ts';
import type { Scope } from './scope.ts';
import { valueText } from './text.ts';

/** Whether the condition holds. Throws a UserError where it cannot be evaluated. */
export function evaluateCondition(text: string, scope: Scope): boolean {
  return isTrue(evaluateText(text, scope).value);
}

/** `text` with each `{expression}` replaced by its value, or by what is wrong with it. `\{` is a brace. */
export function formatLogMessage(text: string, scope: Scope): string {
  return text.replace(/\\([{}\\])|\{([^{}]*)\}/g, (_, escaped?: string, expression?: string) => {
    if (expression === undefined) return escaped as string;
    try {
      const { value, radix } = evaluateText(expression, scope);
      return valueText(scope, value, radix);
    } catch (error) {
      return `<${(error as Error).message}>`;
    }
  });
}
