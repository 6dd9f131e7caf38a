import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeSatp,
  type MachineEvent,
  phys,
  regimeOf,
  type TrapEvent,
  virt,
  walk,
  walkMemoryOf,
} from '../../emulator/index.ts';
import { runToEnd, sampleMachine, sampleSymbol, stateHash } from './sample.ts';

const SATP = 0x180;
const LINK_TO_LOAD = 0xffffffff80000000n - 0x80000000n;

function textOf(machine: ReturnType<typeof sampleMachine>): () => string {
  const bytes: number[] = [];
  machine.onConsole((more) => {
    bytes.push(...more);
    return undefined;
  });
  return () => Buffer.from(bytes).toString('latin1');
}

describe('the machine', () => {
  test('runs the sample from reset to power-off through M, S and U', () => {
    const machine = sampleMachine();
    const privileges = new Set<number>();
    machine.listen(
      (event) => {
        if (event.kind === 'trap') privileges.add(event.from);
        return undefined;
      },
      { kinds: ['trap'] },
    );
    const text = textOf(machine);
    assert.deepEqual(runToEnd(machine), { kind: 'poweroff', code: 0, by: 'test finisher' });
    assert.match(text(), /fibonacci\(12\) is 144/);
    assert.ok(privileges.has(0) && privileges.has(1));
  });

  test('ends in the identical state whatever the limit of a run, and after a reset', () => {
    const whole = sampleMachine();
    runToEnd(whole);
    const expected = stateHash(whole);
    for (const slice of [1, 7, 999, 65_537]) {
      const machine = sampleMachine();
      runToEnd(machine, slice);
      assert.equal(stateHash(machine), expected, `slices of ${slice}`);
    }
    whole.reset();
    runToEnd(whole);
    assert.equal(stateHash(whole), expected, 'after a reset');
  });

  test('translated code leaves the identical state as interpretation', () => {
    for (const harts of [1, 3]) {
      const [interpreted, translated] = (['never', 2] as const).map((translateAfter) => {
        const machine = sampleMachine({ harts, translateAfter });
        runToEnd(machine, 5000);
        return stateHash(machine);
      });
      assert.equal(translated, interpreted, `${harts} harts`);
    }
  });

  test('is the same for steps of single instructions', () => {
    const machine = sampleMachine();
    const other = sampleMachine();
    for (let count = 0; count < 3000; count += 1) machine.step(0);
    other.run(3000);
    assert.equal(machine.harts[0]?.pc, other.harts[0]?.pc);
    assert.equal(machine.harts[0]?.instret, other.harts[0]?.instret);
  });

  test('observing never disturbs', () => {
    const machine = sampleMachine();
    machine.run(60_000);
    const before = stateHash(machine);
    const hart = machine.harts[0];
    assert.ok(hart);
    for (let number = 0; number < 4096; number += 1) hart.csr(number);
    for (const { base, size } of machine.regions) machine.readPhysical(base, Math.min(Number(size), 0x10000));
    for (const access of ['fetch', 'load', 'store'] as const) {
      for (let page = 0n; page < 64n; page += 1n) {
        const va = virt(0xffffffff80000000n + page * 4096n);
        walk(walkMemoryOf(machine), regimeOf(machine, hart, access), va, access);
      }
    }
    assert.equal(stateHash(machine), before);
  });

  test('tells each satp write once, with the value before and after and the count of instructions before it', () => {
    const machine = sampleMachine();
    const writes: { instret: bigint; mode: string | undefined; before: bigint; after: bigint }[] = [];
    machine.listen(
      (event) => {
        if (event.kind !== 'csr-write' || event.csr !== SATP) return undefined;
        const { instret, before, after } = event;
        writes.push({ instret, mode: decodeSatp(after, 64).mode?.name, before, after });
        return undefined;
      },
      { kinds: ['csr-write'], csrs: [SATP] },
    );
    runToEnd(machine);
    assert.equal(writes.length, 5);
    assert.ok(writes.every(({ mode }) => mode === 'Sv39'));
    for (const [index, write] of writes.entries()) assert.equal(write.before, writes[index - 1]?.after ?? 0n);
    // The count is exact: a machine that ran just that many instructions stands at the write.
    const second = writes[1];
    assert.ok(second);
    const other = sampleMachine();
    other.run(Number(second.instret));
    assert.equal(other.harts[0]?.csr(SATP), second.before);
    other.step(0);
    assert.equal(other.harts[0]?.csr(SATP), second.after);
  });

  test('stops just after the instruction when a listener asks for it, before the next fetch faults', () => {
    const machine = sampleMachine();
    machine.listen((event) => event.kind === 'csr-write' && event.csr === SATP && event.instret > 50_000n, {
      kinds: ['csr-write'],
      csrs: [SATP],
    });
    const outcome = machine.run(1e9);
    assert.equal(outcome.reason, 'event');
    const event = (outcome as { event: MachineEvent }).event;
    assert.equal(machine.harts[0]?.pc, event.pc + 4n);
    assert.equal(machine.harts[0]?.instret, event.instret + 1n);
  });

  test('a machine that does not support misaligned accesses takes the trap, else does them', () => {
    for (const misaligned of ['supported', 'trap'] as const) {
      const machine = sampleMachine({ misaligned });
      const causes: number[] = [];
      machine.listen(
        (event) => {
          if (event.kind === 'trap') causes.push(event.cause);
          return undefined;
        },
        { kinds: ['trap'] },
      );
      // lw a1, 1(a0) with a0 at RAM; then sh a1, 3(a0).
      machine.writePhysical(phys(0x80100000), Uint8Array.of(0x83, 0x25, 0x15, 0x00, 0xa3, 0x11, 0xb5, 0x00));
      machine.writePhysical(phys(0x80200000), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
      machine.setX(0, 10, 0x80200000n);
      machine.setPc(0, virt(0x80100000));
      machine.step(0);
      if (misaligned === 'trap') assert.deepEqual(causes, [4]);
      else assert.equal(machine.harts[0]?.x(11), 0x05040302n);
      machine.setPc(0, virt(0x80100004));
      machine.step(0);
      const bytes = [...machine.readPhysical(phys(0x80200003), 2)];
      if (misaligned === 'trap')
        assert.deepEqual(
          [causes, bytes],
          [
            [4, 6],
            [4, 5],
          ],
        );
      else assert.deepEqual([causes, bytes], [[], [2, 3]]);
    }
  });

  test('has as many PMP entries as asked for; with none S-mode reaches everything', () => {
    const addresses = (pmpEntries: 0 | 16 | 64) => {
      const machine = sampleMachine({ pmpEntries });
      machine.setCsr(0, 0x3ef, 0x1234n);
      machine.setCsr(0, 0x3bf, 0x1234n);
      return [
        machine.harts[0]?.csr(0x3bf),
        machine.harts[0]?.csr(0x3ef),
        machine.refusal(phys(0x80000000), 4, 'load', 1),
      ];
    };
    assert.deepEqual(addresses(0), [undefined, undefined, undefined]);
    assert.deepEqual(addresses(16).slice(0, 2), [0x1234n, 0n]);
    assert.deepEqual(addresses(64).slice(0, 2), [0x1234n, 0x1234n]);
    assert.equal((addresses(16)[2] as { by: string }).by, 'PMP');
  });

  test('refuses more RAM than its tables could hold, and takes a great deal that is not touched', () => {
    assert.throws(
      () => sampleMachine({ memory: 8n << 40n }),
      /memory: 8192G is more than can be kept track of: set memory to 512G/,
    );
    assert.equal(runToEnd(sampleMachine({ memory: 512n << 30n, harts: 8 })).code, 0);
  });

  test('an ISA string without an extension makes its instructions illegal', () => {
    const machine = sampleMachine({ isa: 'rv64imafd_zicntr' });
    const traps: TrapEvent[] = [];
    machine.listen(
      (event) => {
        if (event.kind === 'trap') traps.push(event);
        return traps.length > 0;
      },
      { kinds: ['trap'] },
    );
    machine.run(1000);
    assert.equal(traps[0]?.cause, 2);
  });
});

describe('breakpoints', () => {
  test('one at the load address stops before, across and after the satp write', () => {
    const machine = sampleMachine();
    const put = sampleSymbol('put');
    machine.setBreakpoints({ virtual: [], physical: [phys(put - LINK_TO_LOAD)] });
    const pcs = new Set<bigint>();
    for (let stops = 0; stops < 400; stops += 1) {
      const outcome = machine.run(1e9);
      if (outcome.reason !== 'breakpoint') break;
      pcs.add(outcome.pc);
    }
    assert.deepEqual([...pcs], [put - LINK_TO_LOAD, put]);
  });

  test('one at a virtual address stops only there', () => {
    const machine = sampleMachine();
    const put = sampleSymbol('put');
    machine.setBreakpoints({ virtual: [virt(put)], physical: [] });
    const outcome = machine.run(1e9);
    assert.equal(outcome.reason, 'breakpoint');
    assert.equal(machine.harts[0]?.pc, put);
    assert.notEqual(machine.harts[0]?.csr(SATP), 0n);
  });

  test('running on passes the breakpoint it stands on, and counts the same instructions as without it', () => {
    const machine = sampleMachine();
    const say = sampleSymbol('say');
    machine.setBreakpoints({ virtual: [virt(say)], physical: [phys(say - LINK_TO_LOAD)] });
    let stops = 0;
    let outcome = machine.run(1e9);
    for (; outcome.reason === 'breakpoint'; outcome = machine.run(1e9)) stops += 1;
    assert.equal(outcome.reason, 'ended');
    assert.ok(stops > 5);
    const other = sampleMachine();
    runToEnd(other);
    assert.equal(stateHash(machine), stateHash(other));
  });
});

describe('watchpoints', () => {
  const watch = (on: 'read' | 'write' | 'read-write' | 'change', address: bigint, size = 8n) =>
    ({ id: 1, space: 'virtual', address: virt(address), size, on }) as const;

  test('a watched write stops after the store, with the bytes before and after', () => {
    const machine = sampleMachine();
    const ticks = sampleSymbol('ticks');
    machine.setWatchpoints([watch('change', ticks)]);
    const values: bigint[] = [];
    let outcome = machine.run(1e9);
    for (; outcome.reason === 'watchpoint'; outcome = machine.run(1e9)) {
      const hit = outcome.hits[0];
      assert.ok(hit);
      assert.equal(hit.after, hit.before + 1n);
      values.push(hit.after);
    }
    assert.deepEqual(values, [1n, 2n, 3n]);
    assert.equal(outcome.reason, 'ended');
  });

  test('a physical watchpoint sees accesses by every mapping', () => {
    const machine = sampleMachine();
    const pa = phys(sampleSymbol('next_free_page') - LINK_TO_LOAD);
    machine.setWatchpoints([{ id: 1, space: 'physical', address: pa, size: 8n, on: 'write' }]);
    const addresses = new Set<bigint>();
    let outcome = machine.run(1e9);
    for (; outcome.reason === 'watchpoint'; outcome = machine.run(1e9)) addresses.add(outcome.hits[0]?.va ?? 0n);
    assert.ok(addresses.size >= 2, `${addresses.size} addresses`);
  });

  test('neighbours of the watched bytes on the same page do not stop', () => {
    const machine = sampleMachine();
    machine.setWatchpoints([watch('read-write', sampleSymbol('ticks') + 64n, 1n)]);
    assert.equal(machine.run(1e9).reason, 'ended');
  });
});

describe('several harts', () => {
  test('take turns deterministically', () => {
    const hashes = [10_000_000, 12_345].map((slice) => {
      const machine = sampleMachine({ harts: 4 });
      runToEnd(machine, slice);
      return stateHash(machine);
    });
    assert.equal(hashes[0], hashes[1]);
  });
});
