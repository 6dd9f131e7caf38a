// What debug information tells a frame: the variables in sight, the types, the registers as they are there.

import type { HartView } from '../../emulator/inspection.ts';
import type { Frame as DebugFrame, Located, Type, Variable } from '../../symbols/index.ts';
import type { Program, Seen } from '../expressions/index.ts';
import { registersOf } from '../expressions/parts.ts';
import type { SessionContext } from '../session-context.ts';
import { debugFrame } from '../stack/frame.ts';
import type { FunctionRow } from '../stack/rows.ts';
import { addressOf, type Found, Lookup } from './lookup.ts';

export class FrameProgram implements Program {
  readonly #hart: HartView;
  readonly #rowOf: () => FunctionRow | undefined;
  readonly #lookup: Lookup;
  #row: FunctionRow | undefined | null = null;
  #frame: DebugFrame | undefined | null = null;
  #locals: readonly Seen[] | undefined;

  /** `row` is asked for when it is first needed; undefined where the hart stands in no known function. */
  constructor(session: SessionContext, hart: HartView, row: () => FunctionRow | undefined) {
    this.#hart = hart;
    this.#rowOf = row;
    this.#lookup = new Lookup(session.symbols.modules, () => this.row?.located);
  }

  get row(): FunctionRow | undefined {
    if (this.#row === null) this.#row = this.#rowOf();
    return this.#row;
  }

  register(number: number): bigint | undefined {
    return this.row ? this.row.frame.register(number) : registersOf(this.#hart)(number);
  }

  memory(address: bigint, size: number): Uint8Array | undefined {
    return this.row?.frame.read(address, size);
  }

  /** Parameters first, then the innermost block's variables and so on outwards. */
  locals(): readonly Seen[] {
    this.#locals ??= this.#variables().map((variable) => this.seen(variable));
    return this.#locals;
  }

  /** Whether debug information knows of the file that the frame's code is from. */
  get hasUnit(): boolean {
    const located = this.row?.located;
    return located !== undefined && located.module.file.debug.unitAt(located.link) !== undefined;
  }

  /** Globals and statics that the file of the frame's code defines, in the source's order. */
  globals(): readonly Seen[] {
    const located = this.row?.located;
    const found = located?.module.file.debug.variablesAt(located.link) ?? [];
    return found.map((variable) => this.seen(variable));
  }

  local(name: string): Seen | undefined {
    const blocks = this.#blocks();
    for (const { variables } of blocks) {
      const variable = [...variables].reverse().find((each) => each.name === name);
      if (variable) return this.seen(variable);
    }
    return undefined;
  }

  localNames(): readonly string[] {
    return this.#variables().map(({ name }) => name);
  }

  global(name: string): Seen | undefined {
    const found = this.#lookup.variable(name);
    return found && this.#seenGlobal(found);
  }

  type(name: string): Type | undefined {
    return this.#lookup.type(name);
  }

  typeNames(): readonly string[] {
    const located = this.row?.located;
    return located?.module.file.debug.typeNamesAt(located.link) ?? [];
  }

  enumerator(name: string) {
    return this.#lookup.enumerator(name);
  }

  functionType(name: string): Type | undefined {
    return this.#lookup.functionType(name);
  }

  #scope() {
    const { row } = this;
    return row?.located?.module.file.debug.scopesAt(row.located.link)[row.scope];
  }

  #blocks() {
    return this.#scope()?.blocks ?? [];
  }

  #variables(): readonly Variable[] {
    const blocks = this.#blocks();
    const parameters = blocks.flatMap(({ variables }) => variables.filter(({ kind }) => kind === 'parameter'));
    return [...parameters, ...blocks.flatMap(({ variables }) => variables.filter(({ kind }) => kind !== 'parameter'))];
  }

  seen(variable: Variable): Seen {
    const module = this.row?.located?.module;
    const address = module && addressOf({ variable, module });
    if (address !== undefined) return { variable, located: { kind: 'memory', address } };
    const frame = this.#debugFrame();
    return frame
      ? { variable: variable.inFrame(frame), located: variable.locate(frame) }
      : { variable, located: nowhere };
  }

  #seenGlobal(found: Found): Seen {
    const address = addressOf(found);
    if (address !== undefined) return { variable: found.variable, located: { kind: 'memory', address } };
    const frame = this.#debugFrame();
    return { variable: found.variable, located: frame ? found.variable.locate(frame) : nowhere };
  }

  #debugFrame(): DebugFrame | undefined {
    if (this.#frame === null) {
      const { row } = this;
      this.#frame = row && debugFrame(row.frame, row.caller);
    }
    return this.#frame;
  }
}

const nowhere: Located = { kind: 'unavailable', reason: 'its frame is not known' };
