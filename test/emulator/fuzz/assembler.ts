// Instructions put one behind the other, for programs that are made up at random: what the makers of such programs need, no
// more. Immediates must fit their fields.

/** A place in the code that jumps may name before it is known. */
export class Label {
  /** Its address; undefined until it is bound. */
  address: bigint | undefined;
  readonly uses: ((address: bigint) => void)[] = [];
}

export const branches = { beq: 0, bne: 1, blt: 4, bge: 5, bltu: 6, bgeu: 7 } as const;
export type Branch = keyof typeof branches;
export const loads = { lb: 0, lh: 1, lw: 2, ld: 3, lbu: 4, lhu: 5, lwu: 6 } as const;
export type Load = keyof typeof loads;
export const stores = { sb: 0, sh: 1, sw: 2, sd: 3 } as const;
export type Store = keyof typeof stores;
const operations = { addi: 0, slli: 1, slti: 2, sltiu: 3, xori: 4, srli: 5, ori: 6, andi: 7 } as const;
const csrOperations = { csrrw: 1, csrrs: 2, csrrc: 3, csrrwi: 5, csrrsi: 6, csrrci: 7 } as const;

export const ECALL = 0x0000_0073;
export const EBREAK = 0x0010_0073;
export const MRET = 0x3020_0073;
export const SRET = 0x1020_0073;
export const WFI = 0x1050_0073;
export const FENCE = 0x0ff0_000f;
export const FENCE_I = 0x0000_100f;
export const SFENCE_VMA = 0x1200_0073;
export const NOP = 0x0000_0013;
export const C_NOP = 0x0001;
export const C_EBREAK = 0x9002;

/** The word of an immediate operation. */
export function immediate(name: keyof typeof operations, rd: number, rs1: number, imm: number): number {
  check(imm >= -2048 && imm < 2048, `${name} ${imm}`);
  return (imm << 20) | (rs1 << 15) | (operations[name] << 12) | (rd << 7) | 0x13;
}

/** The word of a branch by so many bytes. */
export function branchBy(name: Branch, rs1: number, rs2: number, by: number): number {
  check(by >= -4096 && by < 4096 && by % 2 === 0, `${name} by ${by}`);
  const fields = ((by & 0x1000) << 19) | ((by & 0x7e0) << 20) | ((by & 0x1e) << 7) | ((by & 0x800) >> 4);
  return fields | (rs2 << 20) | (rs1 << 15) | (branches[name] << 12) | 0x63;
}

/** The word of a jump by so many bytes. */
export function jumpBy(rd: number, by: number): number {
  check(by >= -0x10_0000 && by < 0x10_0000 && by % 2 === 0, `jal by ${by}`);
  const fields = ((by & 0x10_0000) << 11) | ((by & 0x7fe) << 20) | ((by & 0x800) << 9) | (by & 0xf_f000);
  return fields | (rd << 7) | 0x6f;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new RangeError(what);
}

export class Assembler {
  readonly xlen: 32 | 64;
  /** The address of the first byte, as the code sees it. */
  readonly base: bigint;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private size = 0;

  constructor(base: bigint, room: number, xlen: 32 | 64) {
    this.base = base;
    this.bytes = new Uint8Array(room);
    this.view = new DataView(this.bytes.buffer);
    this.xlen = xlen;
  }

  /** Where the next instruction will be. */
  get here(): bigint {
    return this.base + BigInt(this.size);
  }

  /** The same from the first byte on. */
  get offset(): number {
    return this.size;
  }

  /** The address of a label that is bound here. */
  bind(label = new Label()): Label {
    const { here } = this;
    label.address = here;
    for (const use of label.uses.splice(0)) use(here);
    return label;
  }

  half(value: number): void {
    this.view.setUint16(this.size, value, true);
    this.size += 2;
  }

  /** One instruction, of 2 bytes where its lowest bits say so. */
  emit(word: number): void {
    this.half(word & 0xffff);
    if ((word & 3) === 3) this.half(word >>> 16);
  }

  /** Instructions that depend on how far the label is from the first of them. */
  private relative(label: Label, words: number, make: (distance: number) => readonly number[]): void {
    const [at, { here }] = [this.size, this];
    const put = (address: bigint) => {
      for (const [index, word] of make(Number(address - here)).entries()) {
        this.view.setUint32(at + 4 * index, word >>> 0, true);
      }
    };
    this.size += 4 * words;
    if (label.address === undefined) label.uses.push(put);
    else put(label.address);
  }

  /** A word of XLEN bits: the label's address. */
  address(label: Label): void {
    const at = this.size;
    const put = (address: bigint) => {
      if (this.xlen === 64) this.view.setBigUint64(at, BigInt.asUintN(64, address), true);
      else this.view.setUint32(at, Number(BigInt.asUintN(32, address)), true);
    };
    this.size += this.xlen / 8;
    if (label.address === undefined) label.uses.push(put);
    else put(label.address);
  }

  immediate(name: keyof typeof operations, rd: number, rs1: number, imm: number): void {
    this.emit(immediate(name, rd, rs1, imm));
  }

  add(rd: number, rs1: number, rs2: number): void {
    this.emit((rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33);
  }

  subtract(rd: number, rs1: number, rs2: number): void {
    this.emit((0x20 << 25) | (rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33);
  }

  xor(rd: number, rs1: number, rs2: number): void {
    this.emit((rs2 << 20) | (rs1 << 15) | (4 << 12) | (rd << 7) | 0x33);
  }

  branch(name: Branch, rs1: number, rs2: number, label: Label): void {
    this.relative(label, 1, (by) => [branchBy(name, rs1, rs2, by)]);
  }

  jump(rd: number, label: Label): void {
    this.relative(label, 1, (by) => [jumpBy(rd, by)]);
  }

  jumpRegister(rd: number, rs1: number, imm = 0): void {
    this.emit((imm << 20) | (rs1 << 15) | (rd << 7) | 0x67);
  }

  /** auipc and jalr by `through`. */
  farCall(rd: number, through: number, label: Label): void {
    this.relative(label, 2, (by) => [
      upper(by, through, 0x17),
      ((by & 0xfff) << 20) | (through << 15) | (rd << 7) | 0x67,
    ]);
  }

  /** The label's address by auipc and addi. */
  locate(rd: number, label: Label): void {
    this.relative(label, 2, (by) => [upper(by, rd, 0x17), ((by & 0xfff) << 20) | (rd << 15) | (rd << 7) | 0x13]);
  }

  locateAt(rd: number, address: bigint): void {
    const label = new Label();
    label.address = address;
    this.locate(rd, label);
  }

  /** A constant of 32 bits, sign-extended. */
  constant(rd: number, value: number): void {
    const low = (value << 20) >> 20;
    const isLong = value !== low;
    if (isLong) this.emit(upper(value, rd, 0x37));
    // addiw, or addi
    const opcode = isLong && this.xlen === 64 ? 0x1b : 0x13;
    this.emit(((low & 0xfff) << 20) | ((isLong ? rd : 0) << 15) | (rd << 7) | opcode);
  }

  /** An address of 32 bits, zero-extended. */
  physical(rd: number, address: number): void {
    this.constant(rd, address | 0);
    if (this.xlen === 32 || address < 0x8000_0000) return;
    this.immediate('slli', rd, rd, 32);
    this.immediate('srli', rd, rd, 32);
  }

  load(name: Load, rd: number, rs1: number, imm: number): void {
    this.emit((imm << 20) | (rs1 << 15) | (loads[name] << 12) | (rd << 7) | 0x03);
  }

  store(name: Store, rs2: number, rs1: number, imm: number): void {
    this.emit(((imm & 0xfe0) << 20) | (rs2 << 20) | (rs1 << 15) | (stores[name] << 12) | ((imm & 31) << 7) | 0x23);
  }

  /** A register of XLEN bits. */
  restore(rd: number, rs1: number, imm: number): void {
    this.load(this.xlen === 64 ? 'ld' : 'lw', rd, rs1, imm);
  }

  keep(rs2: number, rs1: number, imm: number): void {
    this.store(this.xlen === 64 ? 'sd' : 'sw', rs2, rs1, imm);
  }

  csr(name: keyof typeof csrOperations, rd: number, number: number, source: number): void {
    this.emit((number << 20) | (source << 15) | (csrOperations[name] << 12) | (rd << 7) | 0x73);
  }

  /** amoadd.w (0), amoswap.w (1). */
  atomic(funct5: 0 | 1, rd: number, rs2: number, rs1: number): void {
    this.emit((funct5 << 27) | (rs2 << 20) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f);
  }
}

/** lui or auipc with the upper bits of a value whose lower twelve are added with their sign. */
const upper = (value: number, rd: number, opcode: number) => ((value + 0x800) & ~0xfff) | (rd << 7) | opcode;
