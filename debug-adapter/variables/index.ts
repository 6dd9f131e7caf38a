// The requests about state: variables, expressions, completions.

export { completions } from './completions.ts';
export { type CsrGroup, groupOf } from './csrs.ts';
export { evaluate, setExpression } from './evaluate.ts';
export { locations } from './locations.ts';
export { layoutOf } from './names.ts';
export { dataIdOf, dataIdOfVariable, scopes, setVariable, variables } from './variables.ts';
