// A machine for the SBI alone.

import { HsmState, type SbiMachine } from '../../emulator/firmware/host.ts';

export const ramBase = 0x8000_0000n;
export const ramSize = 0x10_0000n;

/** Three harts and 1 MiB of RAM that note down what the firmware does to them. */
export class Board implements SbiMachine {
  readonly xlen: 32 | 64 = 64;
  readonly extensions = new Set(['svadu']);
  readonly harts = 3;
  readonly mtime = 0n;
  readonly firmwareLocks = new Set<string>();
  readonly ram = new Uint8Array(Number(ramSize));
  readonly registers = Array.from({ length: 3 }, () => new Array<bigint>(32).fill(0n));
  readonly csrs = Array.from({ length: 3 }, () => new Map<number, bigint>());
  readonly states: number[] = [HsmState.started, HsmState.stopped, HsmState.started];
  readonly log: string[] = [];
  readonly keys: number[] = [];
  /** Bits that a CSR cannot hold. */
  readonly readOnlyZero = new Map<number, bigint>();

  x(hart: number, index: number): bigint {
    return this.registers[hart]?.[index] ?? 0n;
  }
  setX(hart: number, index: number, value: bigint): void {
    const registers = this.registers[hart];
    if (registers) registers[index] = value;
  }
  csr(hart: number, number: number): bigint {
    return this.csrs[hart]?.get(number) ?? 0n;
  }
  setCsr(hart: number, number: number, value: bigint): void {
    this.csrs[hart]?.set(number, value & ~(this.readOnlyZero.get(number) ?? 0n));
  }
  setTimer(hart: number, ticks: bigint): void {
    this.log.push(`timer ${hart} ${ticks}`);
  }
  sendIpi(hart: number): void {
    this.log.push(`ipi ${hart}`);
  }
  fence(hart: number, start?: bigint, size?: bigint, asid?: number): void {
    this.log.push(`fence ${hart} ${start} ${size} ${asid}`);
  }
  fenceInstructions(hart: number): void {
    this.log.push(`fence.i ${hart}`);
  }
  state(hart: number): number {
    return this.states[hart] ?? -1;
  }
  start(hart: number, address: bigint, opaque: bigint): void {
    this.log.push(`start ${hart} ${address.toString(16)} ${opaque}`);
  }
  stop(hart: number): void {
    this.log.push(`stop ${hart}`);
  }
  suspend(hart: number): void {
    this.log.push(`suspend ${hart}`);
  }
  isMemory(address: bigint, size: bigint): boolean {
    return address >= ramBase && address + size <= ramBase + ramSize;
  }
  read(address: bigint, length: number): Uint8Array {
    return this.ram.slice(Number(address - ramBase), Number(address - ramBase) + length);
  }
  write(address: bigint, bytes: Uint8Array): void {
    this.ram.set(bytes, Number(address - ramBase));
  }
  print(bytes: Uint8Array): void {
    this.log.push(`print ${Buffer.from(bytes).toString('latin1')}`);
  }
  key(): number | undefined {
    return this.keys.shift();
  }
  poweroff(code: number): void {
    this.log.push(`poweroff ${code}`);
  }
  reboot(): void {
    this.log.push('reboot');
  }
  write64(address: bigint, value: bigint): void {
    new DataView(this.ram.buffer).setBigUint64(Number(address - ramBase), value, true);
  }
}
