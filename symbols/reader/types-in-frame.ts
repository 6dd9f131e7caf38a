// Types whose sizes are known only when the program runs: C's arrays of variable length, as a frame has them.

import type { Type } from '../types.ts';
import { type Computed, ReadArray } from './composite-types.ts';

/** Types inside of each other, at most. */
const deepest = 16;

/** The type with its numbers of elements, where `computed` tells them; itself where it leaves none to the run. */
export function typeWith(type: Type, computed: Computed, depth = deepest): Type {
  if (depth === 0) return type;
  switch (type.kind) {
    case 'array': {
      const element = typeWith(type.element, computed, depth - 1);
      const isDynamic = type instanceof ReadArray && type.dynamic;
      if (!isDynamic && element === type.element) return type;
      const dimensions = isDynamic ? type.dimensionsWith(computed) : type.dimensions;
      const { kind, name, language, declared, vector } = type;
      return { kind, name, language, declared, vector, element, dimensions, size: sizeOf(element, dimensions) };
    }
    case 'pointer': {
      const target = typeWith(type.target, computed, depth - 1);
      const { kind, name, size, language, declared, style } = type;
      return target === type.target ? type : { kind, name, size, language, declared, style, target };
    }
    case 'qualified': {
      const target = typeWith(type.target, computed, depth - 1);
      const { kind, name, language, declared, qualifier } = type;
      return target === type.target ? type : { kind, name, size: target.size, language, declared, qualifier, target };
    }
    case 'typedef': {
      const target = typeWith(type.target, computed, depth - 1);
      const { kind, name, language, declared } = type;
      return target === type.target ? type : { kind, name, size: target.size, language, declared, target };
    }
  }
  return type;
}

function sizeOf({ size }: Type, dimensions: readonly (number | undefined)[]): number | undefined {
  return dimensions.reduce(
    (bytes, count) => (bytes === undefined || count === undefined ? undefined : bytes * count),
    size,
  );
}
