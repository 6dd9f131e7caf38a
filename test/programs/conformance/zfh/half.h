// Half precision.

  .option arch, +zfh
#define ONE 0x3c00
#define INF 0x7c00
#define MINUS_INF 0xfc00
#define MINUS_ZERO 0x8000
#define QNAN 0x7e00
#define SNAN 0x7c01

  .macro fload register, address:vararg
    flh \register, \address
  .endm
  .macro fstore register, address:vararg
    fsh \register, \address
  .endm
  .macro bits value
    .half \value
  .endm
