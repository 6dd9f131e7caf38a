// A breakpoint as the client asked for it, and what it became.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { PhysAddr, VirtAddr } from '../../emulator/address.ts';
import type { Watchpoint } from '../../emulator/events.ts';
import type { EventPoint } from '../events/expression.ts';
import type { Places, Symbols } from '../symbols.ts';
import { type HitCondition, parseHitCondition } from './hit-condition.ts';

export interface LineLocation {
  readonly kind: 'line';
  readonly path: string;
  readonly line: number;
  readonly column?: number | undefined;
  /** One of the modes that capabilities name. */
  readonly mode?: string | undefined;
}

export interface InstructionLocation {
  readonly kind: 'instruction';
  readonly reference: string;
  readonly offset: number;
  readonly mode?: string | undefined;
}

/** What the client asked for. */
export type Location =
  | LineLocation
  | { readonly kind: 'function'; readonly name: string }
  | InstructionLocation
  | { readonly kind: 'data'; readonly dataId: string; readonly access: 'read' | 'write' | 'readWrite' }
  /** A checkbox of MMU Breakpoints; `log`: a row in the log instead of a stop. */
  | { readonly kind: 'event'; readonly event: string; readonly log: boolean };

/** When it stops, beyond being reached. */
export interface Conditions {
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  readonly logMessage?: string | undefined;
}

/** What it is bound to in the machine. */
export type Binding =
  | { readonly kind: 'unbound'; readonly why: string; readonly pending: boolean; readonly seeking?: boolean }
  | {
      readonly kind: 'code';
      readonly places: Places;
      /** Only in this address space. */
      readonly root?: PhysAddr;
      readonly line?: number;
      readonly column?: number | undefined;
      /** More places may be found once all names are indexed; of what is unbound too. */
      readonly seeking?: boolean;
    }
  | { readonly kind: 'event'; readonly event: EventPoint }
  | { readonly kind: 'memory'; readonly watch: Omit<Watchpoint, 'id'> };

const notYet: Binding = { kind: 'unbound', pending: true, why: 'Waits until a kernel is loaded.' };

export class Breakpoint {
  readonly id: number;
  readonly location: Location;
  readonly conditions: Conditions;
  readonly stopsAtHit: HitCondition | undefined;
  binding: Binding = notYet;
  hits = 0;

  constructor(id: number, location: Location, conditions: Conditions) {
    this.id = id;
    this.location = location;
    this.conditions = conditions;
    this.stopsAtHit = parseHitCondition(conditions.hitCondition);
  }

  /** Whether more places may be found once all names are indexed. */
  get seeking(): boolean {
    return 'seeking' in this.binding && this.binding.seeking === true;
  }

  /** Whether the instruction at `pc`, fetched from `pa`, is meant, as `symbols` see it. `root` is the table in force. */
  isAt(pc: VirtAddr, pa: PhysAddr, root: PhysAddr | undefined, symbols: Symbols): boolean {
    if (this.binding.kind !== 'code') return false;
    if (this.binding.root !== undefined && this.binding.root !== root) return false;
    return symbols.isAt(this.binding.places, pc, pa);
  }

  toDap(): DebugProtocol.Breakpoint {
    const { binding, location } = this;
    const verified = binding.kind !== 'unbound';
    const first = binding.kind === 'code' ? (binding.places.virtual[0] ?? binding.places.physical[0]) : undefined;
    const { line, column } = binding.kind === 'code' ? binding : {};
    return {
      id: this.id,
      verified,
      ...(location.kind === 'line' && { source: { path: location.path }, line: line ?? location.line }),
      ...(column !== undefined && { column }),
      ...(first !== undefined && { instructionReference: `0x${first.toString(16)}` }),
      ...(binding.kind === 'unbound' && { message: binding.why, reason: binding.pending ? 'pending' : 'failed' }),
    };
  }
}
