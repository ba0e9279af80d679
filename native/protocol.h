// The shared memory between the addon and its worker process: one header, the contents of the
// pages, and two banks of cases with their results. test/oracle/native.ts knows the same offsets.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum : uint32_t {
  PAGE = 4096,
  PAGES_MAX = 8,
  LDT_MAX = 8,
  BANKS = 2,
  CASES_MAX = 512,
  PATCHES_MAX = 12,
};

enum Right : uint32_t { READ = 1, WRITE = 2, EXECUTE = 4 };

struct PageRow {
  uint64_t address;
  uint32_t rights;
  uint32_t mapped;  // written by the worker: 1 when the kernel granted the address
};

enum State : uint32_t { STARTING = 0, READY = 1, FAILED = 2 };

struct Header {
  uint32_t request;  // futex: number of batches asked for
  uint32_t done;     // futex: number of batches finished
  uint32_t bank;
  uint32_t first;
  uint32_t count;
  uint32_t current;  // case at hand; tells who was to blame when the worker dies
  uint32_t state;
  uint32_t failure;  // step of the start that failed, and errno above it
  uint32_t pageCount;
  uint32_t ldtCount;
  uint32_t tickMicroseconds;
  uint32_t reserved[5];
  PageRow pages[PAGES_MAX];
  uint32_t ldt[LDT_MAX][4];  // struct user_desc of the kernel
  uint8_t unused[2048 - 64 - PAGES_MAX * 16 - LDT_MAX * 16];
  alignas(64) uint8_t floating[512];  // FXSAVE image for cases that bring none
  uint8_t rest[PAGE - 2048 - 512];
};
static_assert(sizeof(Header) == PAGE, "header is one page");

struct Patch {
  uint16_t page;
  uint16_t offset;
  uint16_t length;
  uint16_t from;  // place of the bytes in the case
};

enum CaseFlag : uint16_t { OWN_FLOATING = 1, LOAD_SEGMENTS = 2 };
enum Selector { CS, SS, DS, ES, FS, GS, SELECTORS };

struct Case {
  uint64_t gpr[16];
  uint64_t rip;
  uint64_t rflags;
  uint64_t fsBase;
  uint64_t gsBase;
  uint16_t selectors[SELECTORS];
  uint16_t patchCount;
  uint16_t flags;
  uint8_t reserved[16];
  Patch patches[PATCHES_MAX];
  uint8_t bytes[1536 - 192 - PATCHES_MAX * 8];
  alignas(64) uint8_t floating[512];
};
static_assert(sizeof(Case) == 2048, "a case has a round size");
static_assert(offsetof(Case, patches) == 192 && offsetof(Case, floating) == 1536, "offsets");

enum Ending : int32_t { ENDED = 0, TIMED_OUT = -1, WORKER_DIED = -2 };

struct Result {
  uint64_t gpr[16];
  uint64_t rip;
  uint64_t rflags;
  uint64_t fsBase;
  uint64_t gsBase;
  uint16_t selectors[SELECTORS];
  uint16_t reserved0[2];
  int32_t ending;  // 0, a signal number, or one of Ending
  uint32_t trap;
  uint64_t error;
  uint64_t cr2;
  uint64_t faultAddress;
  uint32_t changed;  // bit n: page n differs from what the case was given
  int32_t code;      // si_code
  uint8_t reserved[256 - 216];
  alignas(64) uint8_t floating[512];
  uint8_t rest[1024 - 768];
};
static_assert(sizeof(Result) == 1024, "a result has a round size");
static_assert(offsetof(Result, ending) == 176 && offsetof(Result, floating) == 256, "offsets");

enum : size_t {
  BASE_AT = PAGE,
  LIVE_AT = BASE_AT + PAGES_MAX * PAGE,
  CASES_AT = LIVE_AT + PAGES_MAX * PAGE,
  RESULTS_AT = CASES_AT + BANKS * CASES_MAX * sizeof(Case),
  CHANGED_AT = RESULTS_AT + BANKS * CASES_MAX * sizeof(Result),
  SHARED_BYTES = CHANGED_AT + size_t{BANKS} * CASES_MAX * PAGES_MAX * PAGE,
};
