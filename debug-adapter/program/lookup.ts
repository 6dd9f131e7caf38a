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

/** What a file is known not to have: to find that out takes a look at all of it. */
const absent = new WeakMap<DebugInfo, Set<string>>();

function lackingOf(debug: DebugInfo): Set<string> {
  const known = absent.get(debug) ?? new Set<string>();
  absent.set(debug, known);
  return known;
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
    return this.#first(`type ${name}`, (debug, near) => debug.typesNamed(name, near)[0]);
  }

  enumerator(name: string): { readonly value: bigint; readonly type: Type } | undefined {
    return this.#first(`enumerator ${name}`, (debug, near) => debug.enumeratorNamed(name, near));
  }

  functionType(name: string): Type | undefined {
    return this.#first(`function ${name}`, (debug) => debug.functionsNamed(name)[0]?.type);
  }

  variable(name: string): Found | undefined {
    return this.#first(`variable ${name}`, (debug, near, module) => {
      const variable = debug.variablesNamed(name, near)[0];
      return variable && { variable, module };
    });
  }

  #first<R>(
    what: string,
    look: (debug: DebugInfo, near: VirtAddr | undefined, module: Module) => R | undefined,
  ): R | undefined {
    const from = this.#from();
    const others = this.#modules.filter((module) => module !== from?.module);
    for (const module of from ? [from.module, ...others] : others) {
      const { debug } = module.file;
      const lacking = lackingOf(debug);
      if (!debug.present || lacking.has(what)) continue;
      const found = look(debug, module === from?.module ? from.link : undefined, module);
      if (found !== undefined) return found;
      lacking.add(what);
    }
    return undefined;
  }
}

/** Where a global runs; undefined where its address is not fixed. */
export function addressOf({ variable, module }: Found): bigint | undefined {
  return variable.address === undefined ? undefined : module.runAddress(variable.address);
}
