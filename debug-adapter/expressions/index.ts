// Expressions of the watch, the hovers, the console, conditions and log points. What can be written: docs/expressions.md.

export { evaluateCondition, formatLogMessage } from './condition.ts';
export { type Evaluated, evaluateAddress, evaluateText, locateText, typeNamed, typeOfText } from './evaluate.ts';
export { formatNumber } from './format.ts';
export type { Radix } from './nodes.ts';
export type { KernelFunction, KernelScope, Names, Operand, Program, Scope, Seen } from './scope.ts';
export { load, missingOf } from './storage.ts';
export { holdsAddress, mayBeAddress, valueText } from './text.ts';
export { type Typed, typedAt } from './unfinished.ts';
export type { Location, Value } from './value.ts';
