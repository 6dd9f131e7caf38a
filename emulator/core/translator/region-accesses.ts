// Addresses of loads and stores in a region: what the TLB says of the page, looked at once for accesses that lie together,
// and remembered where an access stays on its page for long.

import {
  br,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  type Statement,
  sequence,
  when,
} from '../../wasm/code.ts';
import type { FunctionHandle, Locals } from '../../wasm/module.ts';
import type { LoadSize } from '../emitter.ts';
import { tlbField } from '../layout.ts';
import { callRefill, noteRemembered } from '../refill.ts';
import { distanceFrom, entryOf, lastDistance, misses, type Range } from '../tlb-entry.ts';
import type { PlacedInstruction } from './blocks.ts';
import type { Group, Member } from './groups.ts';
import { Guesses, type Site } from './guesses.ts';
import type { Motion } from './motion.ts';
import type { RegionFeatures } from './region-emitter.ts';
import type { RegionRegisters } from './region-registers.ts';

export interface RegionLocals {
  readonly hart: Local<'i32'>;
  /** Instructions that may still retire. */
  readonly budget: Local<'i32'>;
  /** Address of the page's first byte. */
  readonly page: Local<'i64'>;
  readonly dataTlb: Local<'i32'>;
  /** For the slow exit: refund << 16 | page offset. */
  readonly info: Local<'i32'>;
  /** Where an indirect jump goes. */
  readonly target: Local<'i64'>;
  /** Leaves the region for the interpreter, which executes the instruction named by `info`. */
  readonly slow: Label;
}

/** An instruction, what gives it to the interpreter, and where its code goes. */
export interface Accessing {
  readonly placed: PlacedInstruction;
  readonly leave: Statement;
  readonly statements: Statement[];
}

/** See RegionFeatures. */
type AccessFeatures = Pick<RegionFeatures, 'trapsMisaligned' | 'besideWatched' | 'refill'>;

const tagOf = ({ stores }: Group) => (stores ? tlbField.write : tlbField.read);

export class RegionAccesses {
  /** Accesses in loops, which remember where they were. */
  private readonly guesses: Guesses;
  private readonly region: RegionLocals;
  private readonly registers: RegionRegisters;
  private readonly locals: Locals;
  private readonly within: (address: I64) => I64;
  private readonly features: AccessFeatures;
  private readonly address: Local<'i64'>;
  private readonly entry: Local<'i32'>;
  private readonly found: Local<'i64'>;
  private groups: ReadonlyMap<PlacedInstruction, Member> = new Map();
  /** Host address of the first byte of a group's range. */
  private readonly anchors = new Map<Group, Local<'i32'>>();
  private readonly anchorLocals: Local<'i32'>[] = [];
  private motion: Motion | undefined;

  /** `within`: cuts an address to the bits that there are. */
  constructor(
    region: RegionLocals,
    registers: RegionRegisters,
    locals: Locals,
    within: (address: I64) => I64,
    features: AccessFeatures,
  ) {
    this.features = features;
    this.region = region;
    this.registers = registers;
    this.locals = locals;
    this.within = within;
    this.guesses = new Guesses(locals);
    this.address = locals.fresh('i64');
    this.entry = locals.fresh('i32');
    this.found = locals.fresh('i64');
  }

  /** A block begins: what its accesses have in common. `motion`: of the loop around it. */
  begin(groups: ReadonlyMap<PlacedInstruction, Member>, motion: Motion | undefined): void {
    this.motion = motion;
    this.groups = groups;
    this.anchors.clear();
  }

  /** Host address and offset of the access at rs1 + imm, or out. */
  at(accessing: Accessing, tag: number, size: LoadSize): [at: I32, offset: number] {
    const { placed } = accessing;
    const member = this.groups.get(placed);
    if (member) return [this.anchorOf(accessing, member), member.offset - member.group.anchor];
    return [this.alone(accessing, placed.instruction.operands.imm, tag, size, this.features.trapsMisaligned), 0];
  }

  /** After a load of this register from what `at` has given: looks where that leads. */
  follow(register: number, at: I32, offset: number, size: LoadSize): Statement {
    const leads = [...(this.motion?.chains.values() ?? [])];
    if (size < 4 || !leads.some((lead) => lead.register === register)) return sequence();
    return this.guesses.follow(register, offset ? i32.add(at, i32.const(offset)) : at, size as 4 | 8);
  }

  private alone(accessing: Accessing, offset: number, tag: number, size: LoadSize, aligned: boolean): I32 {
    return this.lookUp(accessing, offset, tag, { length: size, align: aligned ? size : 1 });
  }

  /** The host address of the naturally aligned access at rs1, in a local. */
  aligned(accessing: Accessing, tag: number, size: LoadSize): I32 {
    const at = this.alone(accessing, 0, tag, size, true);
    accessing.statements.push(this.entry.set(at));
    return this.entry.get;
  }

  /** The host address of rs1 + offset; leaves where the TLB entry's tag does not do. */
  private lookUp(accessing: Accessing, offset: number, tag: number, range: Range): I32 {
    const { placed, statements } = accessing;
    const { address, registers, motion } = this;
    const { rs1 } = placed.instruction.operands;
    const start = registers.x(rs1);
    const sum = offset === 0 ? start : i64.add(start, i64.const(offset));
    const { besideWatched } = this.features;
    if (placed.besideWatched && besideWatched) {
      statements.push(registers.settle, address.set(this.within(sum)));
      return this.compared(accessing, tag, range, besideWatched);
    }
    const steady = ((motion?.steady ?? 0) & (1 << rs1)) !== 0;
    const lead = steady ? undefined : motion?.chains.get(placed);
    const site = steady ? this.guesses.nextSite() : undefined;
    statements.push(
      registers.settle,
      address.set(this.within(sum)),
      this.find(tag, range, this.missed(accessing, tag, range), site),
    );
    const low = i32.wrap(address.get);
    const arrived = lead && this.guesses.arrive({ ...lead, plus: lead.plus + offset }, low, this.addend);
    if (!arrived) return i32.add(low, site?.addend.get ?? this.addend);
    const [at, settle] = arrived;
    statements.push(settle);
    return at;
  }

  /** Where the page holds watched bytes the access is compared with these. Such an access is alone. */
  private compared({ leave, statements }: Accessing, tag: number, range: Range, ask: FunctionHandle<'i32'>): I32 {
    const { address, entry, found, region } = this;
    const { length, align } = range;
    const writes = i32.const(tag === tlbField.write ? 1 : 0);
    const misaligned = i32.and(i32.wrap(address.get), i32.const(align - 1));
    statements.push(
      entry.set(entryOf(region.dataTlb.get, address.get)),
      found.set(i64.load(entry.get, tag)),
      when(
        misses(found.get, address.get, range),
        sequence(
          align > 1 ? when(misaligned, leave) : sequence(),
          entry.set(ask.call(region.hart.get, address.get, i32.const(length), writes)),
          when(i32.eqz(entry.get), leave),
        ),
        entry.set(i32.add(i32.wrap(address.get), this.addend)),
      ),
    );
    return entry.get;
  }

  private get addend(): I32 {
    return i32.load(this.entry.get, tlbField.addend);
  }

  /** Finds the entry of the page that holds the range from `address` on, unless it is the one of the last time. */
  private find(tag: number, range: Range, leave: Statement, site?: Site): Statement {
    const { address, entry, found } = this;
    const look = sequence(
      entry.set(entryOf(this.region.dataTlb.get, address.get)),
      found.set(i64.load(entry.get, tag)),
      when(misses(found.get, address.get, range), leave),
    );
    if (!site) return look;
    const remember = sequence(
      noteRemembered(this.region.hart.get, found.get),
      site.tag.set(found.get),
      site.span.set(i64.const(lastDistance(range) + 1)),
      site.addend.set(this.addend),
    );
    return when(i64.geU(distanceFrom(site.tag.get, address.get, range), site.span.get), sequence(look, remember));
  }

  /** Where the entry found does not do: it is filled if that is worth it, or the interpreter does the access. */
  private missed({ placed, leave }: Accessing, tag: number, range: Range): Statement {
    const { refill } = this.features;
    if (!placed.refills || !refill) return leave;
    const missed = { ...range, tag, others: this.awaited(placed) };
    const filled = callRefill(refill, this.region.hart.get, this.address.get, missed);
    return sequence(when(i32.eqz(filled), leave), this.found.set(i64.load(this.entry.get, tag)));
  }

  /** Whether groups that were looked at have accesses behind the one under way, which is not one of theirs. */
  private awaited(placed: PlacedInstruction): boolean {
    return [...this.groups].some(([{ offset }, { group }]) => offset > placed.offset && this.anchors.has(group));
  }

  /** Looks for the ranges of all groups, whose bases are registers' values here; goes to `failed` unless they are on cached pages. */
  lookAhead(failed: Label): Statement {
    const { address } = this;
    const groups = new Set([...this.groups.values()].map(({ group }) => group));
    return sequence(
      ...[...groups].flatMap((group) => {
        const site = this.guesses.nextSite();
        const anchor = this.anchorFor(group);
        const start = i64.add(this.registers.x(group.base as number), i64.const(group.anchor));
        return [
          address.set(this.within(start)),
          this.find(tagOf(group), this.rangeOf(group), br(failed), site),
          anchor.set(i32.add(i32.wrap(address.get), site ? site.addend.get : this.addend)),
        ];
      }),
    );
  }

  /** The local for where a group's range begins. */
  private anchorFor(group: Group): Local<'i32'> {
    const anchor = this.anchorLocals[this.anchors.size] ?? this.locals.fresh('i32');
    this.anchorLocals[this.anchors.size] = anchor;
    this.anchors.set(group, anchor);
    return anchor;
  }

  private rangeOf({ align, length }: Group): Range {
    return { length, align: this.features.trapsMisaligned ? align : 1 };
  }

  /** The first access of a group looks whether its whole range lies on a page that is cached. */
  private anchorOf(accessing: Accessing, { group, offset }: Member): I32 {
    const known = this.anchors.get(group);
    if (known) return known.get;
    const { imm } = accessing.placed.instruction.operands;
    const host = this.lookUp(accessing, group.anchor - offset + imm, tagOf(group), this.rangeOf(group));
    const anchor = this.anchorFor(group);
    accessing.statements.push(anchor.set(host));
    return anchor.get;
  }
}
