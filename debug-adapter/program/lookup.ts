// Names of the program across all modules, those of the module that is looked from first.

import type { VirtAddr } from '../../emulator/address.ts';
import type { DebugInfo, Type, Variable } from '../../symbols/index.ts';
import type { Module } from '../modules/module.ts';
import type { Located } from '../symbols.ts';

/** A variable and the module that has it. */
export interface Found {
  readonly variable: Variable;
  readonly module: Module;
}

export class Lookup {
  readonly #modules: readonly Module[];
  readonly #from: () => Located | undefined;

  /** `from` is where the names are seen from. */
  constructor(modules: readonly Module[], from: () => Located | undefined = () => undefined) {
    this.#modules = modules;
    this.#from = from;
  }

  type(name: string): Type | undefined {
    return this.#first((debug, near) => debug.typesNamed(name, near)[0]);
  }

  enumerator(name: string): { readonly value: bigint; readonly type: Type } | undefined {
    return this.#first((debug, near) => debug.enumeratorNamed(name, near));
  }

  functionType(name: string): Type | undefined {
    return this.#first((debug) => debug.functionsNamed(name)[0]?.type);
  }

  variable(name: string): Found | undefined {
    return this.#first((debug, near, module) => {
      const variable = debug.variablesNamed(name, near)[0];
      return variable && { variable, module };
    });
  }

  #first<R>(look: (debug: DebugInfo, near: VirtAddr | undefined, module: Module) => R | undefined): R | undefined {
    const from = this.#from();
    const own = from && look(from.module.file.debug, from.link, from.module);
    if (own !== undefined) return own;
    for (const module of this.#modules) {
      if (module === from?.module || !module.file.debug.present) continue;
      const found = look(module.file.debug, undefined, module);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Where a global runs; undefined where its address is not fixed. */
export function addressOf({ variable, module }: Found): bigint | undefined {
  return variable.address === undefined ? undefined : module.runAddress(variable.address);
}
