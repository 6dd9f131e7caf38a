// What a debugger keeps of a hart's traps, hearing of each at once or later; and the writes of satp.

import assert from 'node:assert/strict';
import { Traps } from '../../debug-adapter/run-control/traps.ts';
import type { LateTraps, MachineControl } from '../../emulator/index.ts';

/** Of the first hart. `patience`: see LateTraps; undefined = it hears of each at once. */
export class KeptTraps {
  readonly traps = new Traps();
  user = false;
  late = 0;
  /** Calls of M-mode and page faults of S-mode in itself that were told. */
  calls = 0;
  faults = 0;
  passed = 0;
  /** Traps that were told of and left later. */
  left = 0;
  retried = 0;
  /** Writes of satp, with the instructions before. */
  readonly satp: bigint[][] = [];
  lateSatp = 0;

  constructor(machine: MachineControl, patience: number | undefined) {
    const [hart] = machine.harts;
    assert.ok(hart);
    const late: LateTraps | undefined =
      patience === undefined
        ? undefined
        : {
            patience,
            patienceOf: () => patience - this.traps.most,
            openTraps: () => this.traps.open,
            left: (_, trap) => {
              this.traps.leftLate(trap);
              this.left += 1;
            },
            reckonsWith: ({ pc }) => pc % 8n !== 0n,
            passed: (_, toUser) => {
              this.traps.progressed();
              this.user ||= toUser;
              this.passed += 1;
            },
            retried: (_, trap, toUser) => {
              this.traps.retried(trap);
              this.user ||= toUser;
              this.retried += 1;
            },
          };
    machine.listen(
      (event) => {
        if (event.kind === 'csr-write') {
          this.satp.push([event.instret, event.pc, event.before, event.written, event.after, BigInt(event.privilege)]);
          if (event.late) this.lateSatp += 1;
        } else if (event.kind === 'trap') {
          if (event.was) this.late += 1;
          if (event.from === 1 && event.to === 3 && event.cause === 9) this.calls += 1;
          if (event.from === 1 && event.to === 1 && (event.cause === 13 || event.cause === 15)) this.faults += 1;
          const count = this.traps.taken(event, hart);
          // What is told of late has been taken no more often than the listener has patience for.
          assert.ok(!event.was || count <= (patience ?? 0), `taken ${count} times`);
        } else if (event.kind === 'trap-return') {
          this.traps.left(event, hart);
          this.user ||= event.to === 0;
        }
        return false;
      },
      { kinds: ['trap', 'trap-return', 'csr-write'], csrs: [0x180], ...(late && { late, lateSatp: true }) },
    );
  }

  /** The open traps and what interrupted code was, without the reasons of walks, which late events have not. */
  get state() {
    const open = this.traps.open.map(({ event: { was, fault, ...event }, registers, satp }) => ({
      ...event,
      registers,
      satp,
    }));
    return { open, most: this.traps.most, user: this.user, satp: this.satp };
  }
}
