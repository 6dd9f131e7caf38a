// Expressions of the watch, the hovers, the console, conditions and log points. What can be written: docs/expressions.md.

export { evaluateCondition, formatLogMessage } from './condition.ts';
export { evaluateText } from './evaluate.ts';
export { formatNumber } from './format.ts';
export { load } from './names.ts';
export type { Radix } from './parse.ts';
export type { Names, Scope } from './scope.ts';
export { holdsAddress, mayBeAddress, valueText } from './text.ts';
export type { Location, Value } from './value.ts';
