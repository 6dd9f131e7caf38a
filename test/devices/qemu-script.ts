// Accesses to the devices of QEMU's virt: what the drivers of Linux and xv6 do, and odd ones.

import type { AccessSize } from '../../emulator/devices/device.ts';

/** A load (without value), a store, or a look at mip (address 0). */
export interface Access {
  readonly address: number;
  readonly size: AccessSize;
  readonly value?: bigint;
}

export const diskSize = 0x1_2345 * 512;

const mip: Access = { address: 0, size: 8 };
const load = (address: number, size: AccessSize): Access => ({ address, size });
const store = (address: number, size: AccessSize, value: bigint | number): Access => ({
  address,
  size,
  value: BigInt(value),
});

const uart = (register: number, value?: number): Access =>
  value === undefined ? load(0x1000_0000 + register, 1) : store(0x1000_0000 + register, 1, value);
const plic = (offset: number, value?: number): Access =>
  value === undefined ? load(0x0c00_0000 + offset, 4) : store(0x0c00_0000 + offset, 4, value);
const aclint = (offset: number, size: AccessSize, value?: bigint): Access =>
  value === undefined ? load(0x0200_0000 + offset, size) : store(0x0200_0000 + offset, size, value);

const virtio = (slot: number, offset: number, value?: number): Access => {
  const address = 0x1000_1000 + 0x1000 * slot + offset;
  return value === undefined ? load(address, 4) : store(address, 4, value);
};
const rtc = (offset: number, value?: number): Access =>
  value === undefined ? load(0x10_1000 + offset, 4) : store(0x10_1000 + offset, 4, value);

const [IER, IIR, LCR, MCR, LSR, MSR, SCR] = [1, 2, 3, 4, 5, 6, 7] as const;
const machineClaim = 0x20_0004;
const supervisorClaim = 0x20_1004;

/** Nothing here is printed: data is sent in loop mode alone. */
export const script: readonly Access[] = [
  // QEMU's timer interrupt is pending at power-on, the manual leaves that open.
  aclint(0x4000, 8, -1n),
  // ns16550a: power-on state, scratch, divisor, modem status in loop mode.
  ...[IER, IIR, LCR, MCR, LSR, MSR, SCR].map((register) => uart(register)),
  ...[uart(SCR, 0xa5), uart(SCR), uart(IER, 0xff), uart(IER), uart(IER, 0)],
  ...[
    uart(LCR, 0x83),
    uart(0, 0x34),
    uart(1, 0x12),
    uart(0),
    uart(1),
    load(0x1000_0000, 8),
    uart(LCR, 3),
    uart(LCR),
    uart(IER),
  ],
  ...[0x1a, 0x15, 0x10, 0x1f].flatMap((mcr) => [uart(MCR, mcr), uart(MCR), uart(MSR)]),
  // Data comes back; the FIFOs are found, emptied and turned off again.
  ...[uart(0, 0x55), uart(LSR), uart(0), uart(LSR)],
  ...[uart(IIR, 1), uart(IIR), uart(0, 1), uart(0, 2), uart(0, 3), uart(0), uart(LSR), uart(IIR, 3), uart(LSR)],
  ...[uart(0, 4), uart(IIR, 0), uart(LSR), uart(IIR)],
  // Interrupts: transmitter empty by enabling and by sending, received data before it.
  ...[uart(IER, 2), uart(IIR), uart(IIR), uart(IER, 0), uart(IER, 2), uart(IIR)],
  ...[uart(0, 5), uart(IIR), uart(IIR), uart(IER, 3), uart(IIR), uart(0), uart(IIR), uart(IER, 0), uart(IIR)],
  // Sizes and holes.
  ...[load(0x1000_0005, 1), load(0x1000_0004, 2), load(0x1000_0004, 4)],
  ...[load(0x1000_0008, 1), store(0x1000_0008, 1, 0)],

  // PLIC: registers, then the UART's interrupt on its way to M-mode and S-mode. (QEMU looks at a new enable bit only when
  // a wire moves or a threshold is written.)
  ...[plic(4, 0xff), plic(4), plic(4, 0), plic(0, 1), plic(0), plic(4 * 95, 3), plic(4 * 95), plic(0x1000)],
  ...[plic(0x2000, 0xffff_fffe), plic(0x2000), plic(0x2008), plic(0x2000, 0), plic(0x20_0000, 9), plic(0x20_0000)],
  ...[load(0x0c00_0000, 8), load(0x0c00_0004, 1), store(0x0c00_0004, 2, 1)],
  ...[plic(0x20_0000, 0), plic(4 * 10, 1), plic(0x2080, 1 << 10), plic(0x2000, 1 << 10), uart(IER, 2)],
  ...[plic(0x1000), mip, plic(0x20_1000, 1), mip, plic(0x20_1000, 0), mip],
  ...[plic(machineClaim), mip, plic(0x1000), plic(supervisorClaim), plic(machineClaim), plic(supervisorClaim)],
  ...[
    uart(IIR),
    plic(machineClaim, 10),
    mip,
    plic(0x1000),
    uart(IER, 0),
    uart(IER, 2),
    mip,
    plic(supervisorClaim),
    mip,
  ],
  ...[uart(IER, 0), plic(supervisorClaim, 10), mip, plic(supervisorClaim), plic(0x2000, 0), plic(0x2080, 0)],

  // ACLINT.
  ...[aclint(0, 4, 1n), mip, aclint(0, 4), aclint(0, 4, 0xfffffffen), mip, aclint(0, 4), aclint(0, 8), aclint(0, 1)],
  ...[aclint(0x4000, 8, -1n), mip, aclint(0x4000, 4), aclint(0x4004, 4, 0x1234n), aclint(0x4000, 8), aclint(0x4000, 2)],
  ...[aclint(0x4000, 8, 0n), mip, aclint(0x4000, 8, -1n), mip, aclint(0xbffc, 4), aclint(0x4100, 4)],

  // virtio-mmio: an empty slot, then the block device up to its queue. (Where QEMU has longer queues, features of its own
  // and feature words without a number, we differ.)
  ...[0, 4, 8, 0xc, 0x10, 0x34, 0x70, 0x100].map((offset) => virtio(1, offset)),
  ...[virtio(1, 0x70, 1), virtio(1, 0x70)],
  ...[0, 4, 8, 0xc, 0x44, 0x60, 0x70, 0xfc, 0x100, 0x104].map((offset) => virtio(0, offset)),
  ...[load(0x1000_1000, 2)],
  ...[load(0x1000_1100, 1), load(0x1000_1102, 2), store(0x1000_1070, 2, 1), virtio(0, 0x70)],
  ...[virtio(0, 0x30, 9), virtio(0, 0x34), virtio(0, 0x44), virtio(0, 0x30, 0), virtio(0, 0xb0)],
  ...[virtio(0, 0x70, 1), virtio(0, 0x70, 3), virtio(0, 0x24, 1), virtio(0, 0x20, 1), virtio(0, 0x70, 0xb)],
  ...[virtio(0, 0x70), virtio(0, 0x38, 8), virtio(0, 0x80, 0x8000_8000), virtio(0, 0x90, 0x8000_9000)],
  ...[virtio(0, 0xa0, 0x8000_a000), virtio(0, 0x44, 1), virtio(0, 0x44), virtio(0, 0x80), virtio(0, 0x38)],
  ...[virtio(0, 0x70, 0xf), virtio(0, 0x70), virtio(0, 0x60), virtio(0, 0x70, 0), virtio(0, 0x70), virtio(0, 0x44)],

  // Goldfish RTC: an alarm in the past rings and asks for source 11.
  ...[rtc(0x08), rtc(0x0c), rtc(0x10), rtc(0x18), rtc(0x1c), rtc(0x20), load(0x10_1008, 8), store(0x10_1010, 1, 1)],
  ...[rtc(0x0c, 0xffff_ffff), rtc(0x0c), rtc(0x18), rtc(0x10, 3), rtc(0x10), plic(4 * 11, 1), plic(0x2000, 1 << 11)],
  ...[rtc(0x0c, 0), rtc(0x08, 5), rtc(0x08), rtc(0x18), plic(0x1000), mip, rtc(0x1c, 1), plic(machineClaim)],
  ...[plic(machineClaim, 11), plic(0x1000), mip, rtc(0x0c, 0x7fff_ffff), rtc(0x08, 0), rtc(0x18), rtc(0x14, 1)],
  ...[rtc(0x18), rtc(0x00, 0), rtc(0x10, 0), plic(0x2000, 0)],

  // ACLINT SSWI.
  ...[load(0x2f0_0000, 4), store(0x2f0_0000, 4, 2), mip, store(0x2f0_0000, 4, 1), mip, load(0x2f0_0000, 4)],

  // ns16550a: overruns, in loop mode: without FIFOs the newest byte stays, with FIFOs the oldest do; line status is told first.
  ...[uart(MCR, 0x10), uart(IIR, 0), uart(0, 1), uart(0, 2), uart(LSR), uart(LSR), uart(0), uart(0), uart(LSR)],
  ...[uart(IER, 5), uart(IIR), uart(0, 1), uart(IIR), uart(0, 2), uart(IIR), uart(LSR), uart(IIR), uart(0), uart(IIR)],
  ...[
    uart(IIR, 1),
    ...Array.from({ length: 17 }, (_, index) => uart(0, index)),
    uart(IIR),
    uart(LSR),
    uart(LSR),
    uart(IIR),
  ],
  ...[...Array.from({ length: 18 }, () => uart(0)), uart(LSR), uart(IIR), uart(IER, 0)],
  // Overrun before the FIFOs are emptied or turned off.
  ...[...Array.from({ length: 17 }, (_, index) => uart(0, index)), uart(IIR, 3), uart(LSR), uart(LSR)],
  // Emptying the transmitter tells that it is empty; what cannot be written stays.
  ...[
    uart(IER, 2),
    uart(IIR),
    uart(IIR),
    uart(IIR, 5),
    uart(IIR),
    uart(IIR),
    uart(IIR, 0xc1),
    uart(IIR),
    uart(IIR, 0),
    uart(IIR),
  ],
  ...[
    uart(IER, 0),
    uart(LSR, 0xff),
    uart(LSR),
    uart(MSR, 0xff),
    uart(MSR),
    uart(MCR, 0xff),
    uart(MCR),
    uart(MCR, 0x10),
  ],
  ...[uart(LCR, 0x80), uart(IIR), uart(LSR), uart(MSR), uart(0), uart(1), uart(LCR, 0), uart(0), uart(IIR, 0)],

  // PLIC: two sources of the same priority; completions in another order, by a context that has not enabled the source, of
  // what is not claimed and of what there is not.
  ...[
    plic(4 * 10, 2),
    plic(4 * 11, 2),
    plic(0x2000, 3 << 10),
    plic(0x20_0000, 0),
    uart(IER, 2),
    rtc(0x10, 1),
    rtc(0x0c, 0),
    rtc(0x08, 5),
  ],
  ...[plic(0x1000), mip, plic(machineClaim), plic(machineClaim), plic(machineClaim), mip, uart(IIR), rtc(0x1c, 1)],
  ...[
    plic(machineClaim, 11),
    plic(machineClaim, 10),
    mip,
    plic(0x1000),
    plic(machineClaim, 10),
    plic(machineClaim, 0),
    plic(machineClaim, 96),
    plic(machineClaim, 0xffff_ffff),
  ],
  ...[
    plic(4 * 11, 3),
    uart(IER, 0),
    uart(IER, 2),
    rtc(0x08, 5),
    plic(machineClaim),
    plic(machineClaim),
    plic(supervisorClaim, 10),
    plic(0x1000),
    uart(IIR),
    rtc(0x1c, 1),
  ],
  ...[plic(machineClaim, 10), plic(machineClaim, 11), plic(machineClaim), mip],
  ...[
    plic(0x1000, 0xffff_ffff),
    plic(0x1000),
    plic(0x2008, 0xffff_ffff),
    plic(0x2008),
    plic(0x2008, 0),
    plic(0x200c, 0xffff_ffff),
    plic(0x200c),
  ],
  ...[
    plic(4 * 96, 1),
    plic(4 * 96),
    plic(4 * 1023, 1),
    plic(4 * 1023),
    plic(0x100c),
    plic(0x1ffc),
    plic(0x2100, 2),
    plic(0x2100),
  ],
  ...[
    plic(0x20_0008, 1),
    plic(0x20_0008),
    plic(0x20_2000, 1),
    plic(0x20_2000),
    plic(0x20_2004),
    plic(0x1f_fffc),
    plic(0x5f_fffc),
  ],
  ...[plic(0x2000, 0), plic(4 * 10, 0), plic(4 * 11, 0), uart(IER, 0), rtc(0x10, 0)],

  // ACLINT: the comparator in halves, in either order; numbers that are great; what lies between the registers.
  ...[
    aclint(0xbff8, 8, 0n),
    aclint(0x4004, 4, 0n),
    mip,
    aclint(0x4000, 4, 0n),
    mip,
    aclint(0x4000, 4, 0xffff_ffffn),
    mip,
  ],
  ...[aclint(0x4004, 4, 1n), mip, aclint(0x4000, 4, 0n), mip, aclint(0x4004, 4, 0n), mip, aclint(0x4000, 8, -1n), mip],
  ...[
    aclint(0xbffc, 4, 5n),
    aclint(0xbffc, 4),
    aclint(0x4000, 8, 0x4_ffff_ffffn),
    mip,
    aclint(0x4000, 8, 0x6_0000_0000n),
    mip,
  ],
  ...[
    aclint(0xbff8, 8, -(1n << 40n)),
    aclint(0xbffc, 4),
    aclint(0x4000, 8, -(1n << 41n)),
    mip,
    aclint(0x4000, 8, -(1n << 39n)),
    mip,
  ],
  ...[
    aclint(0x4000, 8, 1n << 60n),
    mip,
    aclint(0x4000, 8),
    aclint(0xbff8, 8, 0n),
    aclint(0xbffc, 4),
    mip,
    aclint(0x4000, 8, -1n),
  ],
  ...[
    aclint(4, 4, 1n),
    aclint(4, 4),
    aclint(0x3ffc, 4, 1n),
    aclint(0x3ffc, 4),
    aclint(0x4008, 8, 1n),
    aclint(0x4008, 8),
    aclint(0xbff0, 8),
  ],
  ...[
    aclint(0xc000, 4),
    aclint(0xc000, 8, 0n),
    aclint(0xfff8, 8),
    aclint(0, 2, 1n),
    aclint(0x4000, 1, 1n),
    aclint(0x4000, 2, 1n),
    mip,
  ],
  ...[
    load(0x2f0_0004, 4),
    store(0x2f0_0004, 4, 1),
    load(0x2f0_3ffc, 4),
    store(0x2f0_3ffc, 4, 1),
    load(0x2f0_0000, 8),
    load(0x2f0_0000, 1),
  ],

  // Goldfish RTC: the time is set in halves, the high half is what the last read of the low one latched; alarms that are set
  // before and after, enabled late, and cleared. What has rung keeps its wire high until it is cleared. (QEMU's PLIC has then
  // forgotten it after the completion.)
  ...[rtc(0x04, 7), rtc(0x04), rtc(0x00, 5), rtc(0x04), rtc(0x0c, 7), rtc(0x08, 0), rtc(0x18), rtc(0x10, 1), rtc(0x10)],
  ...[plic(4 * 11, 1), plic(0x2000, 1 << 11), plic(0x20_0000, 0), plic(0x1000), mip, plic(machineClaim), rtc(0x10, 0)],
  ...[plic(machineClaim, 11), plic(0x1000), rtc(0x10, 1), plic(0x1000), mip, plic(machineClaim), rtc(0x14, 1)],
  ...[rtc(0x1c, 0), plic(machineClaim, 11), plic(0x1000)],
  // An alarm is set by its low half alone.
  ...[rtc(0x0c, 8), rtc(0x18), rtc(0x08, 0xffff_ffff), rtc(0x18), rtc(0x0c, 0), rtc(0x18), rtc(0x1c, 1), rtc(0x18)],
  ...[plic(0x1000), rtc(0x08), rtc(0x08, 0xffff_fffe), rtc(0x18), plic(0x1000), rtc(0x1c, 1), rtc(0x14, 0), rtc(0x18)],
  ...[plic(machineClaim), plic(machineClaim, 11), rtc(0x20), rtc(0x20, 1), rtc(0x24, 1), rtc(0x24), rtc(0xffc)],
  ...[load(0x10_1000, 1), load(0x10_1000, 2), rtc(0x10, 0), plic(0x2000, 0), plic(4 * 11, 0)],

  // The test finisher: what is no command.
  ...[
    load(0x10_0000, 4),
    load(0x10_0000, 2),
    load(0x10_0000, 1),
    load(0x10_0000, 8),
    store(0x10_0000, 4, 0x1234),
    store(0x10_0000, 8, 0),
  ],
  ...[store(0x10_0004, 4, 0x5555), store(0x10_0000, 1, 0x55), load(0x10_0ffc, 4)],
];
