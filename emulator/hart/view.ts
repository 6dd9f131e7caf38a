// The read-only face of a hart.

import type { VirtAddr } from '../address.ts';
import type { HartState, HartView, Privilege } from '../inspection.ts';
import type { HartContext } from './context.ts';
import { presentCsr, readCsr } from './csr-file.ts';
import type { Hart } from './hart.ts';

export class HartFace implements HartView {
  readonly id: number;
  private readonly hart: Hart;
  private readonly context: HartContext;

  constructor(hart: Hart, context: HartContext) {
    this.id = hart.id;
    this.hart = hart;
    this.context = context;
  }

  get pc(): VirtAddr {
    return this.hart.pc;
  }

  get privilege(): Privilege {
    return this.hart.privilege;
  }

  get state(): HartState {
    return this.hart.state;
  }

  get instret(): bigint {
    return this.hart.instret;
  }

  x(index: number): bigint {
    return this.hart.x(index);
  }

  f(index: number): bigint {
    return this.hart.f(index);
  }

  csr(number: number): bigint | undefined {
    const row = presentCsr(number, this.context);
    return row && readCsr(this.hart, row, this.context);
  }
}
