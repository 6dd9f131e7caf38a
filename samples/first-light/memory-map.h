// Where things are. Included by C, assembly and the linker script alike.

#ifndef MEMORY_MAP_H
#define MEMORY_MAP_H

// Physical addresses: the QEMU `virt` machine.
#define FINISHER_PA 0x00100000
#define UART_PA 0x10000000
#define RAM_PA 0x80000000
#define RAM_SIZE 0x08000000 // 128 MiB are used, whatever there is

// Virtual addresses: our own choice, in Sv39's upper half (0xffffffc000000000 and up).
#define DIRECT_VA 0xffffffc000000000 // all of RAM, readable and writable: how the kernel reaches any page
#define DEVICES_VA 0xffffffd000000000
#define KERNEL_VA 0xffffffff80000000 // the kernel image

// The kernel is linked at KERNEL_VA and loaded at RAM_PA. Its code is position independent (-mcmodel=medany), so that it
// runs at either address: before the switch `&symbol` is a physical address, after it a virtual one.
#define KERNEL_OFFSET (KERNEL_VA - RAM_PA)

// The program's half: low addresses.
#define USER_VA 0x0000000000010000
#define USER_STACK_TOP 0x0000003fff000000
#define USER_STACK_SIZE 0x10000

#define PAGE_SIZE 0x1000

#endif
