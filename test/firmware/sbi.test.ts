import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { HsmState } from '../../emulator/firmware/host.ts';
import { callSbi } from '../../emulator/firmware/sbi/sbi.ts';
import { Board, ramBase, ramSize } from './board.ts';
import { Eid as eid } from './calls.ts';

const all = 0xffff_ffff_ffff_ffffn;

const error = {
  success: 0n,
  notSupported: -2n,
  invalidParam: -3n,
  denied: -4n,
  invalidAddress: -5n,
  alreadyAvailable: -6n,
  deniedLocked: -14n,
};

const csr = { satp: 0x180, medeleg: 0x302, menvcfg: 0x30a, mip: 0x344, marchid: 0xf12 };
const adue = 1n << 61n;

let board: Board;
beforeEach(() => {
  board = new Board();
});

/** Makes the call from `hart` and checks that a0 and a1 hold the answer; gives [error, value]. */
function call(extension: bigint, fid: number, args: bigint[] = [], hart = 0): [bigint, bigint] {
  load(extension, fid, args, hart);
  const answer = callSbi(board, hart);
  assert.ok(answer !== 'halted', 'the hart comes back');
  assert.deepEqual(
    [board.x(hart, 10), board.x(hart, 11)].map((value) => BigInt.asIntN(64, value)),
    [answer.error, BigInt.asIntN(64, answer.value)],
  );
  return [answer.error, answer.value];
}

function load(extension: bigint, fid: number, args: bigint[], hart = 0): void {
  board.setX(hart, 17, extension);
  board.setX(hart, 16, BigInt(fid));
  for (let index = 0; index < 6; index += 1) board.setX(hart, 10 + index, BigInt.asUintN(64, args[index] ?? 0n));
}

function halts(extension: bigint, fid: number, args: bigint[] = [], hart = 0): void {
  load(extension, fid, args, hart);
  const before = board.registers.map((registers) => [...registers]);
  assert.equal(callSbi(board, hart), 'halted');
  assert.deepEqual(board.registers, before, 'no register is written');
}

/** A legacy call: a0 is the answer, a1 is kept. */
function old(extension: number, args: bigint[] = []): bigint {
  load(BigInt(extension), 0, args);
  const kept = board.x(0, 11);
  assert.notEqual(callSbi(board, 0), 'halted');
  assert.equal(board.x(0, 11), kept, 'a1 is preserved');
  return BigInt.asIntN(64, board.x(0, 10));
}

const ok = (value = 0n): [bigint, bigint] => [error.success, value];
const fails = (kind: keyof typeof error): [bigint, bigint] => [error[kind], 0n];

describe('SBI calls', () => {
  test('of an extension or function that is not there give SBI_ERR_NOT_SUPPORTED', () => {
    assert.deepEqual(call(0x12345678n, 0), fails('notSupported'));
    for (const id of Object.values(eid)) assert.deepEqual(call(id, 99), fails('notSupported'));
  });

  test('take the ids as 32 bits, and preserve every register but a0 and a1', () => {
    load(0xffff_ffff_0000_0000n | eid.base, 0, [7n, 8n, 9n]);
    const before = [...(board.registers[0] ?? [])];
    callSbi(board, 0);
    const changed = board.registers[0]?.flatMap((value, index) => (value === before[index] ? [] : [index]));
    assert.deepEqual(changed, [10, 11]);
  });
});

describe('BASE', () => {
  test('reports version 3.0, its implementation and the machine ids', () => {
    board.setCsr(0, csr.marchid, 42n);
    assert.deepEqual(call(eid.base, 0), ok(0x0300_0000n));
    assert.deepEqual(call(eid.base, 1), ok(0x5057_4c4bn));
    assert.deepEqual(call(eid.base, 2), ok(1n));
    assert.deepEqual(call(eid.base, 4), ok(0n));
    assert.deepEqual(call(eid.base, 5), ok(42n));
    assert.deepEqual(call(eid.base, 6), ok(0n));
  });

  test('probes what is served, and 0 for the rest', () => {
    for (const id of Object.values(eid)) assert.deepEqual(call(eid.base, 3, [id]), ok(1n));
    assert.deepEqual(call(eid.base, 3, [0x01n]), ok(1n));
    assert.deepEqual(call(eid.base, 3, [0x09n]), ok(0n));
    assert.deepEqual(call(eid.base, 3, [0x504d55n]), ok(0n));
  });
});

test('TIME set_timer sets the timer of the calling hart', () => {
  assert.deepEqual(call(eid.time, 0, [all], 2), ok());
  assert.deepEqual(board.log, [`timer 2 ${all}`]);
});

describe('a hart mask', () => {
  test('counts from its base, and means all harts with a base of -1', () => {
    assert.deepEqual(call(eid.ipi, 0, [0b11n, 1n]), ok());
    assert.deepEqual(board.log.splice(0), ['ipi 2'], 'hart 1 is stopped');
    assert.deepEqual(call(eid.ipi, 0, [0n, -1n]), ok());
    assert.deepEqual(board.log.splice(0), ['ipi 0', 'ipi 2']);
    assert.deepEqual(call(eid.ipi, 0, [0n, 0n]), ok());
    assert.deepEqual(board.log, []);
  });

  test('that names a hart which does not exist gives SBI_ERR_INVALID_PARAM and does nothing', () => {
    for (const [mask, base] of [
      [0b1001n, 0n],
      [1n, 3n],
      [2n, -2n],
    ] as const) {
      assert.deepEqual(call(eid.ipi, 0, [mask, base]), fails('invalidParam'));
      for (const fid of [0, 1, 2]) assert.deepEqual(call(eid.rfence, fid, [mask, base]), fails('invalidParam'));
    }
    assert.deepEqual(board.log, []);
  });
});

describe('RFENCE', () => {
  test('remote_fence_i, remote_sfence_vma and remote_sfence_vma_asid reach the harts of the mask', () => {
    assert.deepEqual(call(eid.rfence, 0, [0b101n, 0n]), ok());
    assert.deepEqual(call(eid.rfence, 1, [1n, 1n, 0x1000n, 0x2000n]), ok());
    assert.deepEqual(call(eid.rfence, 2, [1n, 0n, 0x1000n, 0x2000n, 7n]), ok());
    assert.deepEqual(board.log, ['fence.i 0', 'fence.i 2', 'fence 1 4096 8192 undefined', 'fence 0 4096 8192 7']);
  });

  test('takes start = size = 0, and a size of -1, as the whole address space', () => {
    call(eid.rfence, 1, [1n, 0n, 0n, 0n]);
    call(eid.rfence, 2, [1n, 0n, 0x1000n, -1n, 7n]);
    assert.deepEqual(board.log, ['fence 0 undefined undefined undefined', 'fence 0 undefined undefined 7']);
  });

  test('takes a range beyond 2^64 as the whole address space, and serves no hypervisor', () => {
    assert.deepEqual(call(eid.rfence, 1, [1n, 0n, -0x1000n, 0x1001n]), ok());
    assert.deepEqual(board.log, ['fence 0 undefined undefined undefined']);
    for (const fid of [3, 4, 5, 6]) assert.deepEqual(call(eid.rfence, fid, [1n, 0n]), fails('notSupported'));
  });
});

describe('HSM', () => {
  test('hart_start starts a stopped hart', () => {
    assert.deepEqual(call(eid.hsm, 0, [1n, ramBase + 0x2000n, 99n]), ok());
    assert.deepEqual(board.log, ['start 1 80002000 99']);
  });

  test('hart_start refuses harts that do not exist or are not stopped, and addresses without instructions', () => {
    assert.deepEqual(call(eid.hsm, 0, [3n, ramBase, 0n]), fails('invalidParam'));
    assert.deepEqual(call(eid.hsm, 0, [2n, ramBase, 0n]), fails('alreadyAvailable'));
    for (const state of [HsmState.startPending, HsmState.stopPending, HsmState.suspended]) {
      board.states[2] = state;
      assert.deepEqual(call(eid.hsm, 0, [2n, ramBase, 0n]), fails('invalidParam'));
    }
    assert.deepEqual(call(eid.hsm, 0, [1n, 0x1000n, 0n]), fails('invalidAddress'));
    assert.deepEqual(call(eid.hsm, 0, [1n, ramBase + 1n, 0n]), fails('invalidAddress'));
    assert.deepEqual(board.log, []);
  });

  test('hart_stop does not return', () => {
    halts(eid.hsm, 1, [], 2);
    assert.deepEqual(board.log, ['stop 2']);
  });

  test('hart_get_status gives the state', () => {
    assert.deepEqual(call(eid.hsm, 2, [1n]), ok(1n));
    board.states[1] = HsmState.startPending;
    assert.deepEqual(call(eid.hsm, 2, [1n]), ok(2n));
    assert.deepEqual(call(eid.hsm, 2, [-1n]), fails('invalidParam'));
  });

  test('hart_suspend comes back behind the call, or begins anew at the resume address', () => {
    assert.deepEqual(call(eid.hsm, 3, [0n, 0n, 0n]), ok());
    assert.deepEqual(board.log.splice(0), ['suspend 0']);
    halts(eid.hsm, 3, [0x8000_0000n, ramBase, 5n]);
    assert.deepEqual(board.log.splice(0), ['start 0 80000000 5', 'suspend 0']);
  });

  test('hart_suspend knows no type of a platform, and refuses reserved ones and addresses without instructions', () => {
    assert.deepEqual(call(eid.hsm, 3, [0x1000_0000n]), fails('notSupported'));
    assert.deepEqual(call(eid.hsm, 3, [0x9000_0000n, ramBase]), fails('notSupported'));
    assert.deepEqual(call(eid.hsm, 3, [0x8000_0000n, 0x1000n, 0n]), fails('invalidAddress'));
    for (const type of [1n, 0x0fff_ffffn, 0x8000_0001n, 0x8fff_ffffn])
      assert.deepEqual(call(eid.hsm, 3, [type, ramBase]), fails('invalidParam'));
    assert.deepEqual(board.log, []);
  });
});

describe('SRST', () => {
  test('shuts down with code 0, with code 1 after a system failure, and reboots', () => {
    halts(eid.srst, 0, [0n, 0n]);
    halts(eid.srst, 0, [0n, 1n]);
    halts(eid.srst, 0, [1n, 0n]);
    halts(eid.srst, 0, [2n, 1n]);
    assert.deepEqual(board.log, ['poweroff 0', 'poweroff 1', 'reboot', 'reboot']);
  });

  test('gives SBI_ERR_INVALID_PARAM for reserved and vendor types and reasons', () => {
    for (const [type, reason] of [
      [3n, 0n],
      [0xf000_0000n, 0n],
      [0n, 2n],
      [0n, 0xe000_0000n],
    ] as const) {
      assert.deepEqual(call(eid.srst, 0, [type, reason]), fails('invalidParam'));
    }
    assert.deepEqual(board.log, []);
  });
});

describe('DBCN', () => {
  test('writes bytes of memory and single bytes to the console', () => {
    board.write(ramBase + 0x100n, Buffer.from('hello'));
    assert.deepEqual(call(eid.dbcn, 0, [5n, ramBase + 0x100n, 0n]), ok(5n));
    assert.deepEqual(call(eid.dbcn, 2, [0x141n]), ok());
    assert.deepEqual(board.log, ['print hello', 'print A']);
    assert.deepEqual(call(eid.dbcn, 0, [0n, 0n, 0n]), ok(0n));
  });

  test('reads what has been typed, as far as there is any', () => {
    board.keys.push(1, 2, 3);
    assert.deepEqual(call(eid.dbcn, 1, [2n, ramBase, 0n]), ok(2n));
    assert.deepEqual(call(eid.dbcn, 1, [2n, ramBase + 2n, 0n]), ok(1n));
    assert.deepEqual([...board.read(ramBase, 4)], [1, 2, 3, 0]);
    assert.deepEqual(call(eid.dbcn, 1, [2n, ramBase, 0n]), ok(0n));
  });

  test('moves no more than 64 KiB a call', () => {
    assert.deepEqual(call(eid.dbcn, 0, [0x2_0000n, ramBase, 0n]), ok(0x1_0000n));
  });

  test('gives SBI_ERR_INVALID_PARAM for a buffer that is not all in memory', () => {
    for (const fid of [0, 1]) {
      assert.deepEqual(call(eid.dbcn, fid, [1n, ramBase + ramSize, 0n]), fails('invalidParam'));
      assert.deepEqual(call(eid.dbcn, fid, [2n, ramBase + ramSize - 1n, 0n]), fails('invalidParam'));
      assert.deepEqual(call(eid.dbcn, fid, [1n, ramBase, 1n]), fails('invalidParam'));
    }
  });
});

describe('FWFT', () => {
  test('PTE_AD_HW_UPDATING is menvcfg.ADUE of the calling hart', () => {
    board.setCsr(2, csr.menvcfg, 1n);
    assert.deepEqual(call(eid.fwft, 1, [4n], 2), ok(0n));
    assert.deepEqual(call(eid.fwft, 0, [4n, 1n, 0n], 2), ok());
    assert.equal(board.csr(2, csr.menvcfg), adue | 1n);
    assert.equal(board.csr(0, csr.menvcfg), 0n);
    assert.deepEqual(call(eid.fwft, 1, [4n], 2), ok(1n));
    assert.deepEqual(call(eid.fwft, 0, [4n, 0n, 0n], 2), ok());
    assert.equal(board.csr(2, csr.menvcfg), 1n);
  });

  test('MISALIGNED_EXC_DELEG is bits 4 and 6 of medeleg', () => {
    assert.deepEqual(call(eid.fwft, 0, [0n, 1n, 0n]), ok());
    assert.equal(board.csr(0, csr.medeleg), 0x50n);
    assert.deepEqual(call(eid.fwft, 1, [0n]), ok(1n));
  });

  test('a locked feature stays as it is until reset, on its hart', () => {
    assert.deepEqual(call(eid.fwft, 0, [4n, 1n, 1n]), ok());
    assert.deepEqual(call(eid.fwft, 0, [4n, 0n, 0n]), fails('deniedLocked'));
    assert.deepEqual(call(eid.fwft, 1, [4n]), ok(1n));
    assert.deepEqual(call(eid.fwft, 0, [4n, 0n, 0n], 2), ok());
    board.firmwareLocks.clear();
    assert.deepEqual(call(eid.fwft, 0, [4n, 0n, 0n]), ok());
  });

  test('tells wrong values, missing hardware and reserved features apart', () => {
    assert.deepEqual(call(eid.fwft, 0, [4n, 2n, 0n]), fails('invalidParam'));
    assert.deepEqual(call(eid.fwft, 0, [4n, 1n, 2n]), fails('invalidParam'));
    for (const id of [1n, 2n, 3n, 5n]) {
      assert.deepEqual(call(eid.fwft, 0, [id, 1n, 0n]), fails('notSupported'));
      assert.deepEqual(call(eid.fwft, 1, [id]), fails('notSupported'));
    }
    for (const id of [6n, 0x4000_0000n, 0x8000_0000n, 0xc000_0000n]) {
      assert.deepEqual(call(eid.fwft, 0, [id, 1n, 0n]), fails('denied'));
    }
    board.readOnlyZero.set(csr.menvcfg, adue);
    assert.deepEqual(call(eid.fwft, 0, [4n, 1n, 0n]), fails('notSupported'));
    assert.deepEqual(call(eid.fwft, 1, [4n]), fails('notSupported'));
  });
});

describe('the legacy extensions', () => {
  test('set the timer, print, read a key or -1, and shut down', () => {
    board.keys.push(65);
    assert.equal(old(0, [1234n]), 0n);
    assert.equal(old(1, [0x42n]), 0n);
    assert.equal(old(2), 65n);
    assert.equal(old(2), -1n);
    halts(8n, 0);
    assert.deepEqual(board.log, ['timer 0 1234', 'print B', 'poweroff 0']);
  });

  test('clear_ipi clears SSIP and tells whether it was set', () => {
    board.setCsr(0, csr.mip, 0x22n);
    assert.equal(old(3), 1n);
    assert.equal(board.csr(0, csr.mip), 0x20n);
    assert.equal(old(3), 0n);
  });

  test('take the hart mask at an address, 0 for all harts', () => {
    board.write64(ramBase + 8n, 0b100n);
    assert.equal(old(4, [ramBase + 8n]), 0n);
    assert.equal(old(5, [0n]), 0n);
    assert.equal(old(6, [ramBase + 8n, 0x1000n, 0x1000n]), 0n);
    assert.equal(old(7, [ramBase + 8n, 0n, 0n, 5n]), 0n);
    assert.deepEqual(board.log, [
      'ipi 2',
      ...['fence.i 0', 'fence.i 1', 'fence.i 2'],
      'fence 2 4096 4096 undefined',
      'fence 2 undefined undefined 5',
    ]);
  });

  test('translate the address of the mask by the page table in satp', () => {
    const [root, gigapage] = [ramBase + 0x1000n, ramBase >> 12n];
    board.setCsr(0, csr.satp, (8n << 60n) | (root >> 12n));
    board.write64(root + 8n * 5n, (gigapage << 10n) | 0xc7n);
    board.write64(ramBase + 16n, 1n);
    assert.equal(old(4, [(5n << 30n) + 16n]), 0n);
    assert.deepEqual(board.log, ['ipi 0']);
    assert.equal(old(4, [6n << 30n]), error.invalidAddress);
  });

  test('refuse masks outside of memory and harts that do not exist', () => {
    assert.equal(old(4, [0x1000n]), error.invalidAddress);
    board.write64(ramBase, 0b1000n);
    assert.equal(old(4, [ramBase]), error.invalidParam);
    assert.deepEqual(board.log, []);
  });
});
