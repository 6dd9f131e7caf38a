// Values as they were when a function was entered: what its caller says that it passed (DWARF 5, section 3.4 "Call Site
// Entries and Parameters").

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { At, Tag } from '../dwarf/constants.ts';
import type { Entry } from '../dwarf/entry.ts';
import { evaluate, Unavailable } from '../dwarf/expression.ts';
import type { Unit } from '../dwarf/unit.ts';
import type { Frame } from '../frame.ts';
import type { ElfSymbol } from '../symbol-index.ts';
import { calleeOf, callSite, mayReenter, symbolNameOf, targetOf } from './call-sites.ts';
import type { FunctionReader } from './function-reader.ts';
import type { VariableReader } from './variable-reader.ts';

/** How many frames up the value of a value is followed. */
const maxDepth = 16;

const parameterTags: ReadonlySet<number> = new Set([Tag.callSiteParameter, Tag.gnuCallSiteParameter]);

/** What a call's target is compared by: functions have aliases, and patchable padding before their code. */
interface Symbols {
  symbolsNamed(name: string): readonly ElfSymbol[];
  symbolAt(va: VirtAddr): ElfSymbol | undefined;
  /** The entries with the code of the functions of a name. */
  functionEntries(name: string): readonly Entry[];
}

export class EntryValues {
  readonly #functions: () => FunctionReader;
  readonly #symbols: Symbols;
  /** Of each function that was asked for whether it may come to itself again. */
  readonly #reentered = new WeakMap<Unit, Map<number, boolean>>();
  #depth = 0;

  constructor(functions: () => FunctionReader, symbols: Symbols) {
    this.#functions = functions;
    this.#symbols = symbols;
  }

  /** The value of an expression on entry to the function of a frame; Unavailable where the caller does not tell it. */
  valueOf(expression: Uint8Array, frame: Frame, variables: VariableReader): bigint {
    return this.#find(frame, variables, (passed) => {
      const where = passed.block(At.location);
      return where !== undefined && equal(where, expression);
    });
  }

  /** What was passed for a parameter that this copy of the function does without (DW_OP_GNU_parameter_ref). */
  passed(parameter: Entry, frame: Frame, variables: VariableReader): bigint {
    return this.#find(frame, variables, (passed) => {
      const of = passed.reference(At.callParameter) ?? passed.reference(At.abstractOrigin);
      return of?.at === parameter.at && of.unit === parameter.unit;
    });
  }

  #find(frame: Frame, variables: VariableReader, isIt: (passed: Entry) => boolean): bigint {
    const caller = frame.caller();
    if (!caller?.called) throw new Unavailable('it was overwritten, and there is no caller that knows what it passed');
    if (++this.#depth > maxDepth) throw new Unavailable('it was overwritten in too many frames');
    try {
      const outer = this.#functions().entryAt(virt(caller.pc - 1n));
      const site = outer && callSite(outer, caller.pc);
      if (!site) throw new Unavailable('it was overwritten, and the caller does not tell what it passed');
      this.#checkTarget(site, outer, frame, caller, variables);
      for (const parameter of site.children()) {
        if (!parameterTags.has(parameter.tag) || !isIt(parameter)) continue;
        const value = parameter.block(At.callValue) ?? parameter.block(At.gnuCallSiteValue);
        if (value) return evaluate(value, variables.surroundings(parameter, outer, caller));
      }
      throw new Unavailable('it was overwritten, and the caller does not tell what it passed');
    } finally {
      this.#depth--;
    }
  }

  /** The call may have led elsewhere, to a function that jumped on to this one: then its parameters mean nothing here. */
  #checkTarget(site: Entry, outer: Entry, frame: Frame, caller: Frame, variables: VariableReader): void {
    const inner = this.#functions().entryAt(at(frame));
    const told = calleeOf(site);
    const start = inner && this.#functions().startOf(inner);
    if (!inner || start === undefined) throw new Unavailable('it was overwritten, and its function is not known');
    if (this.#reenters(inner)) throw new Unavailable('it was overwritten, and the function may have jumped to itself');
    const begins = (target: bigint) => target === start || target === this.#symbols.symbolAt(start)?.value;
    if (told) {
      const name = symbolNameOf(told) ?? '';
      if (name === symbolNameOf(inner) || this.#symbols.symbolsNamed(name).some(({ value }) => begins(value))) return;
      throw new Unavailable('it was overwritten, and the caller called another function first');
    }
    const expression = targetOf(site);
    if (expression) {
      const target = evaluate(expression, variables.surroundings(site, outer, caller));
      if (begins(target - caller.addressOf(start) + start)) return;
    }
    throw new Unavailable('it was overwritten, and whom the caller called is not told');
  }

  #reenters(entry: Entry): boolean {
    const known = this.#reentered.get(entry.unit) ?? new Map<number, boolean>();
    this.#reentered.set(entry.unit, known);
    const found = known.get(entry.at) ?? mayReenter(entry, (name) => this.#symbols.functionEntries(name));
    known.set(entry.at, found);
    return found;
  }
}

function at({ pc, called }: Frame): VirtAddr {
  return called ? virt(pc - 1n) : pc;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
