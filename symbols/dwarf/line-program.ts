// Runs line number programs (DWARF 5, section 6.2.5 "The Line Number Program").

import { type Cursor, DwarfError } from './cursor.ts';
import type { LineHeader } from './line-header.ts';

/** Takes the rows of a line table. Addresses are bytes behind the start of their sequence. */
export interface RowSink {
  row(offset: number, file: number, line: number, column: number, isStmt: boolean, isPrologueEnd: boolean): void;
  /** The sequence is complete: it began at `base` and is `size` bytes long. */
  end(base: bigint, size: number): void;
}

const Standard = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negateStmt: 6,
  setBasicBlock: 7,
  constAddPc: 8,
  fixedAdvancePc: 9,
  setPrologueEnd: 10,
  setEpilogueBegin: 11,
  setIsa: 12,
} as const;

/** define_file (DWARF 2 to 4) is passed over: no compiler writes it. */
const Extended = { endSequence: 1, setAddress: 2 } as const;

/** Runs the program from where the header says to the end of the cursor's bytes. */
export function runLineProgram(header: LineHeader, cursor: Cursor, sink: RowSink): void {
  const { minInstructionLength, maxOperations, lineBase, lineRange, opcodeBase } = header;
  let base: bigint | undefined;
  let isPrologueEnd = false;
  let [offset, operation, file, line, column, isStmt] = [0, 0, 1, 1, 0, header.defaultIsStmt];

  const advance = (operations: number) => {
    if (maxOperations === 1) offset += minInstructionLength * operations;
    else {
      offset += minInstructionLength * Math.floor((operation + operations) / maxOperations);
      operation = (operation + operations) % maxOperations;
    }
  };

  const emit = () => {
    sink.row(offset, file, line, column, isStmt, isPrologueEnd);
    isPrologueEnd = false;
  };

  const extended = () => {
    const length = cursor.uleb();
    const next = cursor.at + length;
    if (length === 0) return;
    const opcode = cursor.u8();
    if (opcode === Extended.endSequence) {
      sink.end(base ?? 0n, offset);
      base = undefined;
      [offset, operation, file, line, column, isStmt] = [0, 0, 1, 1, 0, header.defaultIsStmt];
    } else if (opcode === Extended.setAddress) {
      const address = cursor.address(length - 1);
      if (base === undefined && offset === 0) base = address;
      else offset = Number(address - (base ?? 0n));
      if (offset < 0) throw new DwarfError('the addresses of a line table go backwards');
      operation = 0;
    }
    cursor.at = next;
  };

  cursor.at = header.program;
  while (!cursor.atEnd) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      line += lineBase + (adjusted % lineRange);
      emit();
      continue;
    }
    switch (opcode) {
      case 0:
        extended();
        break;
      case Standard.copy:
        emit();
        break;
      case Standard.advancePc:
        advance(cursor.uleb());
        break;
      case Standard.advanceLine:
        line += cursor.sleb();
        break;
      case Standard.setFile:
        file = cursor.uleb();
        break;
      case Standard.setColumn:
        column = cursor.uleb();
        break;
      case Standard.negateStmt:
        isStmt = !isStmt;
        break;
      case Standard.constAddPc:
        advance(Math.floor((255 - opcodeBase) / lineRange));
        break;
      case Standard.fixedAdvancePc:
        offset += cursor.u16();
        operation = 0;
        break;
      case Standard.setPrologueEnd:
        isPrologueEnd = true;
        break;
      case Standard.setBasicBlock:
      case Standard.setEpilogueBegin:
        break;
      default: // set_isa, and what later versions may add
        for (let i = header.operands[opcode] ?? 0; i > 0; i--) cursor.uleb();
    }
  }
}
