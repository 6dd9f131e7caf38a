// A mix of what integer code does: CRC by bits, sorting, a matrix product, a bytecode loop, division, hashing of text.

#include "bench.h"

#define COUNT 256

static uint32_t crc(const uint8_t *bytes, int count) {
  uint32_t value = ~0u;
  for (int i = 0; i < count; i++) {
    value ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
  }
  return ~value;
}

static void sort(int32_t *items, int count) {
  for (int gap = count / 2; gap > 0; gap /= 2) {
    for (int i = gap; i < count; i++) {
      int32_t item = items[i];
      int at = i;
      for (; at >= gap && items[at - gap] > item; at -= gap) items[at] = items[at - gap];
      items[at] = item;
    }
  }
}

static uint64_t product(const int32_t *a, const int32_t *b) {
  uint64_t trace = 0;
  for (int i = 0; i < 16; i++) {
    for (int j = 0; j < 16; j++) {
      int64_t sum = 0;
      for (int k = 0; k < 16; k++) sum += (int64_t)a[i * 16 + k] * b[k * 16 + j];
      trace = trace * 31 + (uint64_t)sum;
    }
  }
  return trace;
}

static uint64_t interpret(const uint8_t *code, int length, uint64_t value) {
  for (int at = 0; at < length; at++) {
    switch (code[at] & 7) {
      case 0: value += 3; break;
      case 1: value ^= value >> 5; break;
      case 2: value *= 9; break;
      case 3: value -= code[at]; break;
      case 4: value = value << 7 | value >> 57; break;
      case 5: if (value & 1) at++; break;
      case 6: value = ~value; break;
      default: value += value >> 3; break;
    }
  }
  return value;
}

static uint64_t divide(uint64_t value) {
  uint64_t digits = 0;
  while (value) {
    digits = digits * 7 + value % 10;
    value /= 10;
  }
  return digits;
}

uint64_t work(uint64_t loops) {
  static int32_t items[COUNT], other[COUNT];
  uint64_t state = 88172645463325252UL, sum = 0;
  for (uint64_t loop = 0; loop < loops; loop++) {
    for (int i = 0; i < COUNT; i++) {
      items[i] = (int32_t)next_random(&state);
      other[i] = (int32_t)(next_random(&state) >> 40);
    }
    sum = sum * 131 + crc((const uint8_t *)items, sizeof items);
    sum += interpret((const uint8_t *)items, sizeof items, sum);
    sum ^= product(items, other);
    sum += divide(sum);
    sort(items, COUNT);
    sum ^= (uint64_t)items[COUNT / 2] << 20;
  }
  return sum;
}
