// Every function of the built-in SBI, called with good and bad arguments.

import { buffer, hartEntry, Shared, type Step, type Xlen } from './call-program.ts';

export interface NamedStep {
  readonly name: string;
  readonly step: Step;
}

export const Eid = {
  base: 0x10n,
  time: 0x54494d45n,
  ipi: 0x735049n,
  rfence: 0x52464e43n,
  hsm: 0x48534dn,
  srst: 0x53525354n,
  dbcn: 0x4442434en,
  fwft: 0x46574654n,
} as const;

const never = 0xffff_ffff_ffff_ffffn;

export function callSteps(xlen: Xlen): NamedStep[] {
  const steps: NamedStep[] = [];
  const page = buffer(xlen);
  const entry = hartEntry(xlen);
  const top = xlen === 64 ? 1n << 63n : 1n << 31n;
  const last = (1n << BigInt(xlen)) - 1n;
  const call = (name: string, extension: bigint, fid: bigint | number, ...args: (bigint | number)[]) =>
    steps.push({ name, step: { do: 'call', extension, fid: BigInt(fid), args: args.map(BigInt) } });
  const poll = (name: string, value: number, extension: bigint, fid: number, ...args: number[]) =>
    steps.push({
      name,
      step: { do: 'poll', extension, fid: BigInt(fid), args: args.map(BigInt), value: BigInt(value) },
    });
  const put = (word: number, value: bigint | number) =>
    steps.push({ name: `put ${word}`, step: { do: 'put', word, value: BigInt(value) } });
  const until = (word: number, value: bigint | number) =>
    steps.push({ name: `await ${word}`, step: { do: 'await', word, value: BigInt(value) } });
  const get = (name: string, word: number) => steps.push({ name, step: { do: 'get', word } });
  const clear = () => steps.push({ name: 'clear SSIP', step: { do: 'clear' } });
  /** A 64-bit argument: two on RV32. */
  const wide = (value: bigint) => (xlen === 64 ? [value] : [value & 0xffff_ffffn, value >> 32n]);

  for (const fid of [0, 1, 2]) call(`BASE ${fid}`, Eid.base, fid);
  for (const [name, id] of Object.entries(Eid)) call(`probe ${name}`, Eid.base, 3, id);
  for (let id = 0; id <= 8; id += 1) call(`probe legacy ${id}`, Eid.base, 3, id);
  for (const id of [9n, 0xfn, 0x1234n, 0x0800_0000n, 0x0900_0000n, last])
    call(`probe ${id.toString(16)}`, Eid.base, 3, id);
  for (const fid of [4, 5, 6]) call(`BASE ${fid}`, Eid.base, fid);
  for (const fid of [7n, last]) call(`BASE ${fid} is no function`, Eid.base, fid);
  call('no such extension', 0x1234n, 0);
  call('no such extension, all ones', last, 0);

  for (const [name, value] of [
    ['in the past', 0n],
    ['never', never],
    ['1', 1n],
    ['far away', 1n << 60n],
  ] as const) {
    call(`TIME set_timer ${name}`, Eid.time, 0, ...wide(value));
  }
  call('TIME 1 is no function', Eid.time, 1);

  const masks: readonly (readonly [string, bigint, bigint])[] = [
    ['of the caller', 1n, 0n],
    ['empty', 0n, 0n],
    ['empty, far base', 0n, 1000n],
    ['a base of -1', 0n, last],
    ['a base of -1 and a mask', 5n, last],
    ['of a stopped hart', 2n, 0n],
    ['of a stopped hart by its base', 1n, 1n],
    ['of the caller and a stopped hart', 3n, 0n],
    ['of harts that are not there', 0xf0n, 0n],
    ['of the caller and a hart that is not there', 0x11n, 0n],
    ['whose base is no hart', 1n, 77n],
    ['whose base is -2', 1n, last - 1n],
    ['whose top bit is set', top, 0n],
    ['whose hart ids wrap around', 3n, last - 2n],
  ];
  for (const [name, mask, base] of masks) {
    call(`IPI send_ipi, mask ${name}`, Eid.ipi, 0, mask, base);
    clear();
  }
  call('IPI 1 is no function', Eid.ipi, 1);

  for (const [name, mask, base] of masks) {
    call(`RFENCE fence_i, mask ${name}`, Eid.rfence, 0, mask, base);
    call(`RFENCE sfence_vma, mask ${name}`, Eid.rfence, 1, mask, base, 0, 0);
    call(`RFENCE sfence_vma_asid, mask ${name}`, Eid.rfence, 2, mask, base, 0x1000, 0x1000, 3);
  }
  for (const [name, start, size] of [
    ['a page', 0x1000n, 0x1000n],
    ['everything', 0n, last],
    ['everything, from an address', 0x5000n, last],
    ['no bytes', 0x5000n, 0n],
    ['a range that wraps around', last - 0xfffn, 0x2000n],
    ['an odd range', 0x1001n, 7n],
    ['the last page', last - 0xfffn, 0x1000n],
  ] as const) {
    call(`RFENCE sfence_vma of ${name}`, Eid.rfence, 1, 1, 0, start, size);
    call(`RFENCE sfence_vma_asid of ${name}`, Eid.rfence, 2, 1, 0, start, size, 0xffff);
  }
  call('RFENCE sfence_vma_asid of a large ASID', Eid.rfence, 2, 1, 0, 0, 0x1000, last);
  for (const fid of [3, 4, 5, 6]) call(`RFENCE ${fid} for hypervisors`, Eid.rfence, fid, 1, 0, 0, 0, 0);
  call('RFENCE 7 is no function', Eid.rfence, 7);

  for (const hart of [0n, 1n, 3n, 4n, 1000n, last]) call(`HSM hart_get_status of ${hart}`, Eid.hsm, 2, hart);
  call('HSM hart_start of the caller', Eid.hsm, 0, 0, entry, 0);
  call('HSM hart_start of a hart that is not there', Eid.hsm, 0, 4, entry, 0);
  call('HSM hart_start of hart -1', Eid.hsm, 0, last, entry, 0);
  call('HSM hart_get_status after what was refused', Eid.hsm, 2, 1);
  call('HSM hart_start', Eid.hsm, 0, 1, entry, 0x1234_5678n);
  until(Shared.seen, 1);
  get('a0 of a started hart', Shared.id);
  get('a1 of a started hart', Shared.opaque);
  get('satp of a started hart', Shared.satp);
  get('sstatus.SIE of a started hart', Shared.interrupts);
  call('HSM hart_get_status of a started hart', Eid.hsm, 2, 1);
  call('HSM hart_start of a started hart', Eid.hsm, 0, 1, entry, 0);
  call('IPI send_ipi to a started hart', Eid.ipi, 0, 2, 0);
  call('IPI send_ipi to the caller and a started hart', Eid.ipi, 0, 3, 0);
  clear();
  call('IPI send_ipi to a started and a stopped hart', Eid.ipi, 0, 6, 0);
  call('RFENCE sfence_vma on a started hart', Eid.rfence, 1, 1, 1, 0, 0);

  put(Shared.command, 1);
  poll('HSM hart_get_status of a hart that stops', 1, Eid.hsm, 2, 1);
  call('HSM hart_start of a hart that has stopped', Eid.hsm, 0, 1, entry, 99);
  until(Shared.seen, 2);
  get('a1 of a hart that is started again', Shared.opaque);

  put(Shared.suspendType, 0);
  put(Shared.command, 2);
  poll('HSM hart_get_status of a suspended hart', 4, Eid.hsm, 2, 1);
  call('HSM hart_start of a suspended hart', Eid.hsm, 0, 1, entry, 0);
  call('RFENCE sfence_vma on a suspended hart', Eid.rfence, 1, 2, 0, 0, 0);
  call('IPI send_ipi to a suspended hart', Eid.ipi, 0, 2, 0);
  until(Shared.seen, 3);
  get('a0 of a hart that was suspended', Shared.suspended);
  poll('HSM hart_get_status of a hart that was suspended', 0, Eid.hsm, 2, 1);

  put(Shared.suspendType, 0x8000_0000n);
  put(Shared.resumeAt, entry);
  put(Shared.resumeOpaque, 0x777);
  put(Shared.command, 2);
  poll('HSM hart_get_status of a hart in non-retentive suspend', 4, Eid.hsm, 2, 1);
  call('IPI send_ipi to a hart in non-retentive suspend', Eid.ipi, 0, 1, 1);
  until(Shared.seen, 4);
  get('a0 of a hart that resumes', Shared.id);
  get('a1 of a hart that resumes', Shared.opaque);
  get('satp of a hart that resumes', Shared.satp);
  get('sstatus.SIE of a hart that resumes', Shared.interrupts);
  poll('HSM hart_get_status of a hart that has resumed', 0, Eid.hsm, 2, 1);
  for (const type of [1, 0x0fff_ffff, 0x1000_0000, 0x7fff_ffff, 0x8000_0001, 0x8fff_ffff, 0x9000_0000, 0xffff_ffff]) {
    call(`HSM hart_suspend of type ${type.toString(16)}`, Eid.hsm, 3, type, entry, 0);
  }
  call('HSM 4 is no function', Eid.hsm, 4);

  for (const [type, reason] of [
    [3, 0],
    [0xefff_ffff, 0],
    [0xf000_0000, 0],
    [0, 2],
    [0, 0xdfff_ffff],
    [0, 0xe000_0000],
    [0, 0xf000_0000],
    [0xffff_ffff, 0xffff_ffff],
  ] as const) {
    call(`SRST type ${type.toString(16)}, reason ${reason.toString(16)}`, Eid.srst, 0, type, reason);
  }
  call('SRST 1 is no function', Eid.srst, 1);

  call('DBCN write', Eid.dbcn, 0, 5, page, 0);
  call('DBCN write of nothing', Eid.dbcn, 0, 0, page, 0);
  call('DBCN write with a high half', Eid.dbcn, 0, 5, page, 1);
  call('DBCN read', Eid.dbcn, 1, 5, page, 0);
  call('DBCN read of nothing', Eid.dbcn, 1, 0, page, 0);
  call('DBCN read with a high half', Eid.dbcn, 1, 5, page, 1);
  call('DBCN write_byte', Eid.dbcn, 2, 0x41);
  call('DBCN 3 is no function', Eid.dbcn, 3);

  const features = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 0x3fff_ffffn, 0x4000_0000n, 0x7fff_ffffn, 0x8000_0000n, 0xc000_0000n];
  for (const feature of features) {
    const name = feature.toString(16);
    call(`FWFT get ${name}`, Eid.fwft, 1, feature);
    call(`FWFT set ${name} to 2`, Eid.fwft, 0, feature, 2, 0);
    call(`FWFT set ${name} with flags 2`, Eid.fwft, 0, feature, 1, 2);
    call(`FWFT set ${name} to 1`, Eid.fwft, 0, feature, 1, 0);
    call(`FWFT get ${name} after 1`, Eid.fwft, 1, feature);
    call(`FWFT set ${name} to 0 and lock`, Eid.fwft, 0, feature, 0, 1);
    call(`FWFT get ${name} after 0`, Eid.fwft, 1, feature);
    call(`FWFT set ${name} to 1 when locked`, Eid.fwft, 0, feature, 1, 0);
  }
  call('FWFT 2 is no function', Eid.fwft, 2);

  for (const [name, value] of [
    ['in the past', 0n],
    ['never', never],
  ] as const) {
    call(`legacy set_timer ${name}`, 0n, 0, ...wide(value));
  }
  call('legacy console_putchar', 1n, 0, 0x41);
  call('legacy console_getchar', 2n, 0);
  call('legacy send_ipi to the caller', 4n, 0, page);
  call('legacy clear_ipi of one that is pending', 3n, 0);
  call('legacy clear_ipi of none', 3n, 0);
  call('legacy send_ipi to all', 4n, 0, 0);
  clear();
  call('legacy send_ipi at an address that faults', 4n, 0, 0x0700_0000n);
  call('legacy remote_fence_i', 5n, 0, page);
  call('legacy remote_sfence_vma', 6n, 0, page, 0x1000, 0x1000);
  call('legacy remote_sfence_vma on all', 6n, 0, 0, 0, 0);
  call('legacy remote_sfence_vma_asid', 7n, 0, page, 0x1000, 0x1000, 1);
  return steps;
}

/** An answer of the built-in SBI that is meant to be another than OpenSBI's, and why. docs/sbi.md lists the same. */
export interface Difference {
  readonly calls: RegExp;
  /** a0 and a1 of the built-in SBI. */
  readonly answer: readonly [bigint, bigint];
  readonly why: string;
}

export const differences: readonly Difference[] = [
  { calls: /^BASE 0$/, answer: [0n, 0x0300_0000n], why: 'version 3.0 of the specification; OpenSBI 1.5.1: 2.0' },
  { calls: /^BASE 1$/, answer: [0n, 0x5057_4c4bn], why: 'another implementation' },
  { calls: /^BASE 2$/, answer: [0n, 1n], why: 'another implementation' },
  {
    calls: /, mask (of .*harts? that (is|are) not there|whose top bit is set)$/,
    answer: [-3n, 0n],
    why: 'the specification: SBI_ERR_INVALID_PARAM for a hart that does not exist; OpenSBI passes over it',
  },
  {
    calls: /^DBCN (read|write) with a high half$/,
    answer: [-3n, 0n],
    why: 'the specification: SBI_ERR_INVALID_PARAM for memory that is not there; OpenSBI: SBI_ERR_FAILED',
  },
  {
    calls: /^FWFT get 0$/,
    answer: [0n, 1n],
    why: 'misaligned accesses are delegated from the beginning: nothing emulates them',
  },
  {
    calls: /^FWFT set [04] to 1 when locked$/,
    answer: [-14n, 0n],
    why: 'SBI_ERR_DENIED_LOCKED of version 3.0; OpenSBI follows a draft: SBI_ERR_DENIED',
  },
  {
    calls: /^FWFT (get|set) 5\b/,
    answer: [-2n, 0n],
    why: 'version 3.0 defines POINTER_MASKING_PMLEN, which the harts lack; the draft reserves it',
  },
  {
    calls: /^legacy clear_ipi of one that is pending$/,
    answer: [1n, 0n],
    why: 'the specification: 1 when one was pending; OpenSBI always gives 0',
  },
  {
    calls: /^legacy send_ipi at an address that faults$/,
    answer: [-5n, 0n],
    why: 'an error; OpenSBI makes the caller take the fault',
  },
];
