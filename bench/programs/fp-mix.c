// A mix of what floating-point code does: orbits of bodies, a matrix product, sums in single precision, conversions,
// square roots and comparisons. The checksum holds every bit of the results and the accrued exception flags.

#include "bench.h"

#define BODIES 5
#define SIDE 16

static uint64_t bits(double value) {
  union {
    double value;
    uint64_t bits;
  } both = {value};
  return both.bits;
}

static double root(double value) {
  double result;
  __asm__("fsqrt.d %0, %1" : "=f"(result) : "f"(value));
  return result;
}

static double place[BODIES][3], speed[BODIES][3], mass[BODIES];

static void orbit(int steps) {
  for (int step = 0; step < steps; step++) {
    for (int i = 0; i < BODIES; i++) {
      for (int j = i + 1; j < BODIES; j++) {
        double d[3], squared = 0.01;
        for (int k = 0; k < 3; k++) {
          d[k] = place[i][k] - place[j][k];
          squared += d[k] * d[k];
        }
        double pull = 0.001 / (squared * root(squared));
        for (int k = 0; k < 3; k++) {
          speed[i][k] -= d[k] * mass[j] * pull;
          speed[j][k] += d[k] * mass[i] * pull;
        }
      }
    }
    for (int i = 0; i < BODIES; i++) {
      for (int k = 0; k < 3; k++) place[i][k] += 0.001 * speed[i][k];
    }
  }
}

static double product(uint64_t *state) {
  static double a[SIDE][SIDE], b[SIDE][SIDE];
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = (double)(int32_t)next_random(state) / 65536.0;
      b[i][j] = (double)(int16_t)next_random(state) * 0.125;
    }
  }
  double trace = 0;
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      double sum = 0;
      for (int k = 0; k < SIDE; k++) sum += a[i][k] * b[k][j];
      trace = trace * 0.5 + sum;
    }
  }
  return trace;
}

static float sums(uint64_t *state) {
  float sum = 0, largest = -1;
  for (int i = 0; i < 200; i++) {
    float value = (float)(uint32_t)next_random(state) * 0.001f;
    sum = sum * 0.75f + value;
    if (value > largest) largest = value;
  }
  return sum - largest;
}

uint64_t work(uint64_t loops) {
  uint64_t state = 7, sum = 0;
  for (int i = 0; i < BODIES; i++) {
    mass[i] = 1.0 + i;
    for (int k = 0; k < 3; k++) place[i][k] = (double)(int8_t)next_random(&state) / 16.0;
  }
  for (uint64_t loop = 0; loop < loops; loop++) {
    orbit(20);
    sum = sum * 31 + bits(product(&state));
    sum ^= (uint64_t)(int64_t)sums(&state);
  }
  for (int i = 0; i < BODIES; i++) {
    for (int k = 0; k < 3; k++) sum = sum * 31 + bits(place[i][k]);
  }
  uint64_t flags;
  __asm__ volatile("csrr %0, fflags" : "=r"(flags));
  return sum * 31 + flags;
}
