# Builds a fixture's two kernels from one source: bug.elf as it is, repaired.elf with REPAIRED defined. The same bytes
# wherever they are built, with Debian 12's riscv64-unknown-elf-gcc.

CC = riscv64-unknown-elf-gcc
BUILD = build
COMMON = ../common

# Where the kernel is linked; it is always loaded at the start of RAM, 0x80000000.
KERNEL_VA ?= 0x80000000

# Paths in the debug information: relative to the fixture's folder, whoever builds it.
MAP = -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(shell $(CC) -print-file-name=include)=include
CFLAGS = -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -ffreestanding -fno-pic -fno-jump-tables \
  -fno-delete-null-pointer-checks -O1 -g -Wall -Wextra -I$(COMMON) -DKERNEL_VA=$(KERNEL_VA) $(MAP)
LDFLAGS = -nostdlib -static -Wl,--build-id=sha1 -Wl,-z,max-page-size=4096
SOURCES = $(COMMON)/start.S $(COMMON)/zoo.c kernel.c $(wildcard *.S)
NEEDS = $(SOURCES) $(wildcard $(COMMON)/*) Makefile

all: bug.elf repaired.elf

bug.elf: FLAGS =
repaired.elf: FLAGS = -DREPAIRED

%.elf: $(NEEDS)
	mkdir -p $(BUILD)/$*
	$(CC) $(CFLAGS) -E -P -x c $(COMMON)/zoo.ld -o $(BUILD)/$*/zoo.ld
	for file in $(SOURCES); do \
	  $(CC) $(CFLAGS) $(FLAGS) -Wa,--debug-prefix-map=$(CURDIR)=. -c $$file -o $(BUILD)/$*/$$(basename $$file).o || exit 1; \
	done
	$(CC) $(CFLAGS) $(LDFLAGS) -T $(BUILD)/$*/zoo.ld -o $@ $(patsubst %,$(BUILD)/$*/%.o,$(notdir $(SOURCES)))

.PHONY: all clean
clean:
	rm -rf $(BUILD)
