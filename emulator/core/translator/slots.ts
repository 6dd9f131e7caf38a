// Places of regions in the function table.

export class Slots {
  private readonly size: number;
  private free: number[] = [];
  private next = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** How many can be taken. */
  get room(): number {
    return this.free.length + this.size - this.next;
  }

  /** All that were ever taken lie before this one. */
  get end(): number {
    return this.next;
  }

  /** `count` may be `room` at most. */
  take(count: number): number[] {
    return Array.from({ length: count }, () => this.free.pop() ?? this.next++);
  }

  giveBack(slots: Iterable<number>): void {
    this.free.push(...slots);
  }

  /** None is taken any more. */
  forget(): void {
    this.free = [];
    this.next = 0;
  }
}
