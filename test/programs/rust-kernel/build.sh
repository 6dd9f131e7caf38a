#!/bin/sh
# Makes rust-kernel.elf anew; made with rustc 1.95 and GNU binutils 2.44. The tests take it as it is, since they have no rustc.
set -e
cd "$(dirname "$0")"
rustc --edition 2021 --target riscv64gc-unknown-none-elf --crate-type lib --crate-name teaching --emit obj -g \
  -C opt-level=0 -C overflow-checks=off -C panic=abort -C symbol-mangling-version=v0 \
  --remap-path-prefix="$PWD"=. kernel.rs -o kernel.o
riscv64-unknown-elf-gcc -c -march=rv64gc -mabi=lp64d start.S -o start.o
riscv64-unknown-elf-ld --no-relax -Ttext=0x80000000 -e _start start.o kernel.o -o rust-kernel.elf
rm kernel.o start.o
