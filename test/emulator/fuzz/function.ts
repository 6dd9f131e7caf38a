// One function of a random program: steps of many kinds in a row, nested in loops, with branches from anywhere to anywhere
// between them.

import { lengthOf } from '../../oracle/programs.ts';
import { type Branch, branchBy, branches, C_NOP, jumpBy, Label, NOP } from './assembler.ts';
import { pageBytes } from './layout.ts';
import type { Callee, Shared, Site } from './program.ts';
import { bases, counters, first, fuel, second, stack } from './registers.ts';
import { Steps } from './steps.ts';
import { bytesOf } from './words.ts';

type Step = (writer: FunctionWriter, depth: number) => void;

/** What a function may do, with how often that is so beside the others. Those from `calling` on need a frame. */
const steps: readonly (readonly [weight: number, step: Step])[] = [
  [6, (writer) => writer.put(writer.words.some(writer.random.of(['plain', 'plain', 'memory', 'float', 'other']), 6))],
  [3, (writer) => writer.mixed(2 + writer.random.below(12))],
  [1, (writer) => writer.mixed(writer.random.once(4) ? 120 + writer.random.below(200) : 30)],
  [6, (writer) => writer.arms()],
  [5, (writer) => writer.forward()],
  [3, (writer) => writer.backward()],
  [5, (writer, depth) => (depth < counters.length - 1 ? writer.loop(depth) : writer.tightLoop(depth))],
  [4, (writer, depth) => writer.tightLoop(depth)],
  [3, (writer) => writer.table()],
  [2, (writer) => writer.computed()],
  [2, (writer) => writer.site()],
  [3, (writer) => writer.more.point(writer.random.of(bases))],
  [2, (writer) => writer.more.counter()],
  [6, (writer) => writer.more.seldom(writer.shared.untilChanged, () => writer.more.patch())],
  [2, (writer) => writer.more.seldom(4, () => writer.more.exception())],
  [2, (writer) => writer.more.seldom(4, () => writer.more.system())],
  [2, (writer) => writer.more.stir()],
  [2, (writer) => writer.more.atomics()],
  [1, (writer) => writer.more.device()],
  [7, (writer) => writer.call()],
  [1, (writer) => writer.more.seldom(4, () => writer.more.jumpNowhere())],
  [2, (writer) => writer.more.seldom(8, () => writer.more.remap())],
];
const calling = 19;

/** How far a branch may reach. */
const reach = 2800;

export class FunctionWriter {
  readonly shared: Shared;
  readonly callee: Callee;
  readonly more: Steps;
  /** Where one may jump back to, and what is jumped to from before. */
  private readonly behind: Label[] = [];
  private readonly ahead: { readonly label: Label; readonly from: number }[] = [];
  /** Instructions on the way to here, roughly: each step of a loop counts for all its rounds. */
  private left = 60;

  static weights(random: Shared['random']): number[] {
    return steps.map(([weight]) => weight * random.of([0, 1, 1, 2, 5]));
  }

  constructor(shared: Shared, callee: Callee) {
    this.shared = shared;
    this.callee = callee;
    this.more = new Steps(this);
  }

  get a() {
    return this.shared.a;
  }
  get random() {
    return this.shared.random;
  }
  get words() {
    return this.shared.words;
  }

  put(words: readonly number[]): void {
    for (const word of words) this.a.emit(word);
  }

  write(): void {
    const { a, callee } = this;
    const { link, level } = callee;
    a.bind(callee.label);
    const enough = new Label();
    a.immediate('addi', fuel, fuel, -1);
    a.branch('blt', 0, fuel, enough);
    this.return();
    a.bind(enough);
    if (level === 2) {
      a.immediate('addi', stack, stack, -16);
      a.keep(link, stack, 0);
    }
    this.steps(1 + this.random.below(level === 0 ? 3 : 6), 0);
    this.site();
    this.steps(1 + this.random.below(level === 0 ? 3 : 6), 0);
    this.arrive(Number.POSITIVE_INFINITY);
    if (level === 2) {
      a.restore(link, stack, 0);
      a.immediate('addi', stack, stack, 16);
    }
    const others = this.shared.callees.filter((other) => other.link === link && (level === 2 || other.level === 0));
    if (this.random.once(4) && others.length) a.jump(0, this.random.of(others).label);
    else this.return();
  }

  private return(): void {
    const { link } = this.callee;
    if (this.words.compressed && this.random.once(2)) this.a.half(0x8002 | (link << 7));
    else this.a.jumpRegister(0, link);
  }

  steps(count: number, depth: number): void {
    const { level } = this.callee;
    const possible = steps.map((_, index) =>
      index >= calling && level === 0 ? 0 : (this.shared.weights[index] as number),
    );
    const total = possible.reduce((sum, weight) => sum + weight, 0);
    for (let step = 0; step < count && this.left > 0; step += 1) {
      this.left -= 1;
      this.between();
      let choice = this.random.below(Math.max(total, 1));
      const index = possible.findIndex((weight) => {
        choice -= weight;
        return choice < 0;
      });
      (steps[Math.max(index, 0)] as (typeof steps)[number])[1](this, depth);
    }
    this.between();
  }

  /** Where control may come from elsewhere. */
  private between(): void {
    if (this.random.once(3)) this.behind.push(this.a.bind());
    if (this.random.once(2)) this.pageEnd();
    this.arrive(this.random.once(3) ? 1 : 0);
  }

  /** So many of the branches that go on somewhere ahead, and those that reach no farther, go on here. */
  private arrive(count: number): void {
    for (let index = this.ahead.length - 1; index >= 0; index -= 1) {
      const { label, from } = this.ahead[index] as { label: Label; from: number };
      if (count <= 0 && this.a.offset - from < reach - 1600) continue;
      count -= 1;
      this.ahead.splice(index, 1);
      this.a.bind(label);
    }
  }

  /** Somewhere further on in the function. */
  someAhead(): Label {
    if (this.ahead.length && this.random.once(2)) return this.random.of(this.ahead).label;
    const label = new Label();
    this.ahead.push({ label, from: this.a.offset });
    return label;
  }

  register(): number {
    return 10 + this.random.below(17);
  }

  mixed(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.a.emit(this.words.of(this.random.of(['plain', 'plain', 'plain', 'memory', 'memory', 'float', 'other'])));
    }
  }

  /** Short branches over what only computes, mostly. */
  arms(): void {
    const { random, words } = this;
    const arm = () => words.some(random.once(6) ? 'memory' : 'plain', random.once(4) ? 6 : 3);
    const once = (): number[] => {
      const skipped = random.once(4) ? [...arm(), ...nested()] : arm();
      return [words.over(skipped), ...skipped];
    };
    const nested = (): number[] => {
      const skipped = arm();
      return [words.over(skipped), ...skipped];
    };
    const whole = once();
    const [then, otherwise] = [arm(), arm()];
    const over = jumpBy(0, 4 + bytesOf(otherwise));
    this.put(random.once(2) ? whole : [words.over([...then, over]), ...then, over, ...otherwise]);
  }

  private branch(label: Label): void {
    const name = this.random.of(Object.keys(branches) as Branch[]);
    this.a.branch(name, this.register(), this.random.once(4) ? 0 : this.register(), label);
  }

  forward(): void {
    if (this.random.once(6)) this.a.jump(0, this.someAhead());
    else this.branch(this.someAhead());
  }

  /** To any place before, as long as there is fuel. */
  backward(): void {
    const near = this.behind.filter(({ address }) => this.a.here - (address as bigint) < reach);
    if (!near.length) return;
    const on = new Label();
    this.a.immediate('addi', fuel, fuel, -1);
    this.a.branch('bge', 0, fuel, on);
    if (this.random.once(3)) this.a.jump(0, this.random.of(near));
    else this.branch(this.random.of(near));
    this.a.bind(on);
  }

  loop(depth: number): void {
    const counter = counters[depth] as number;
    const { a, random } = this;
    a.immediate('addi', counter, 0, 1 + random.below(random.once(4) ? 12 : 4));
    if (random.once(4)) this.branch(this.someAhead());
    const [again, start] = [new Label(), a.offset];
    a.bind(again);
    this.behind.push(again);
    this.steps(1 + random.below(4), depth + 1);
    a.immediate('addi', counter, counter, -1);
    if (a.offset - start < reach) a.branch('blt', 0, counter, again);
    else a.jump(0, this.someAhead());
  }

  /** One block over some memory. */
  tightLoop(depth: number): void {
    const { a, random, words } = this;
    const counter = counters[Math.min(depth, counters.length - 1)] as number;
    const base = random.of(bases);
    const walks = random.once(2);
    if (walks || random.once(2)) this.more.point(base, walks);
    const kinds = random.of([
      ['plain', 'memory'],
      ['plain', 'memory', 'memory'],
      ['plain', 'memory', 'float', 'other'],
    ] as const);
    a.immediate('addi', counter, 0, 1 + random.below(depth ? random.of([3, 8, 24]) : random.of([3, 12, 60, 200])));
    if (this.words.compressed && random.once(2)) a.emit(C_NOP);
    const again = a.bind();
    const body = Array.from({ length: 1 + random.below(random.once(3) ? 14 : 5) }, () => words.of(random.of(kinds)));
    if (random.once(2)) body.push(...this.accesses(base));
    this.put(body);
    // Never farther than a page.
    if (walks) a.immediate('addi', base, base, random.of([1, 2, 4, 8, 8, 8, -8, 16, -4]));
    if (random.once(5)) this.branch(this.someAhead());
    a.immediate('addi', counter, counter, -1);
    a.branch(random.of(['blt', 'bltu', 'bne'] as const), 0, counter, again);
  }

  /** Loads and stores side by side. */
  private accesses(base: number): number[] {
    const { random } = this;
    return Array.from({ length: 1 + random.below(4) }, () => {
      const size = random.below(this.a.xlen === 64 ? 4 : 3);
      const at = (random.below(8) << size) & 0x7f;
      if (random.once(2)) return (at << 20) | (base << 15) | (size << 12) | (this.register() << 7) | 0x03;
      return ((at & 0xfe0) << 20) | (this.register() << 20) | (base << 15) | (size << 12) | ((at & 31) << 7) | 0x23;
    });
  }

  /** A jump to an address from a table. */
  table(): void {
    const { a, random } = this;
    const count = 1 << (1 + random.below(3));
    const [table, end] = [new Label(), new Label()];
    const cases = Array.from({ length: count }, () => new Label());
    a.immediate('andi', second, this.register(), count - 1);
    a.immediate('slli', second, second, a.xlen === 64 ? 3 : 2);
    a.locate(first, table);
    a.add(first, first, second);
    a.restore(second, first, 0);
    this.jumpBySecond();
    while (a.offset % 8) a.half(0);
    a.bind(table);
    for (const label of cases) a.address(random.once(8) ? this.someAhead() : label);
    for (const label of cases) {
      a.bind(label);
      this.mixed(1 + random.below(4));
      if (!random.once(4)) a.jump(0, end);
    }
    a.bind(end);
  }

  private jumpBySecond(): void {
    if (this.words.compressed && this.random.once(2)) this.a.half(0x8002 | (second << 7));
    else this.a.jumpRegister(0, second);
  }

  /** A jump among jumps. */
  computed(): void {
    const { a, random } = this;
    const jumps = new Label();
    a.immediate('andi', second, this.register(), 3);
    a.immediate('slli', second, second, 2);
    a.locate(first, jumps);
    a.add(second, second, first);
    this.jumpBySecond();
    a.bind(jumps);
    const end = new Label();
    for (let index = 0; index < 4; index += 1) a.jump(0, random.once(2) ? this.someAhead() : end);
    this.mixed(random.below(3));
    a.bind(end);
  }

  /** What comes next has an instruction at the page's last halfword, where the end is near. */
  pageEnd(): void {
    const { a, random, words } = this;
    const left = pageBytes - (a.offset % pageBytes);
    if (!words.compressed || left > 200 || left < 24) return;
    const before = random.of([2, 2, 2, 2, 6, 10, 16]);
    while (pageBytes - (a.offset % pageBytes) > before) a.emit(C_NOP);
    const site = random.once(2) ? this.site() : undefined;
    // It is more likely to be another now and then.
    if (site) this.shared.sites.push(site, site, site);
    else this.tightLoop(counters.length - 1);
  }

  site(): Site | undefined {
    const { sites, random } = this.shared;
    const free = sites.filter(({ label }) => label.address === undefined);
    if (!free.length) return undefined;
    const site = random.of(free);
    FunctionWriter.writeSite(this.shared, site);
    return site;
  }

  /** An instruction of 4 bytes that may be another, and one behind it that may be skipped. */
  static writeSite({ a, random, words }: Shared, site: Site): void {
    const long = () => {
      for (;;) {
        const word = words.of(random.of(['plain', 'plain', 'memory', 'float']));
        if (lengthOf(word) === 4) return word;
      }
    };
    const register = () => 10 + random.below(17);
    const pair = (C_NOP << 16) | C_NOP;
    const choices = [
      long(),
      long(),
      branchBy('bne', register(), 0, 8),
      jumpBy(0, 8),
      words.compressed ? pair : NOP,
      long(),
    ];
    // Additions to the same register differ in their second halves alone.
    const sum = () => (random.below(0x1_0000) << 16) | (register() << 7) | 0x13;
    const own = sum() & 0xffff;
    const isSum = random.once(3);
    const another = () => (isSum ? (sum() & ~0xffff) | own : random.of(choices));
    site.words = Array.from({ length: 2 + random.below(3) }, another);
    a.bind(site.label);
    const [one] = site.words as [number];
    a.half(one & 0xffff);
    a.half(one >>> 16);
    a.emit(long());
  }

  call(): void {
    const { a, callee, random, shared } = this;
    const fits = (other: Callee) => callee.level === 2 || (other.level === 0 && other.link !== callee.link);
    const others = shared.callees.filter(fits);
    if (!others.length) return;
    const { label, link } = random.of(others);
    if (random.once(3) && callee.level === 2) {
      a.locate(first, shared.tables.get(link) as Label);
      a.restore(second, first, (a.xlen / 8) * random.below(32));
      if (link === 1 && this.words.compressed && random.once(2)) a.half(0x9002 | (second << 7));
      else a.jumpRegister(link, second);
    } else if (random.once(3)) a.farCall(link, second, label);
    else a.jump(link, label);
  }
}
