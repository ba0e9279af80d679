// The worker process: runs cases on the host processor and survives whatever they do.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "protocol.h"

extern "C" {
int enter_case(const Case *c, const void *floating);
void signal_entry();
void signal_return();
long kernel_call(long number, long a, long b, long c, long d, long e, long f);
int on_signal(int number, siginfo_t *info, ucontext_t *context);
extern char syscall_begin[], syscall_end[], end_stub[];
extern char __executable_start[], end[];
extern const uint64_t end_stub_bytes;
extern uint64_t saved_fs;
extern void *end_floating;
extern void *leave_end_pointer;
}

namespace {

constexpr uint64_t END = 0x3a5b7000;
constexpr uint64_t END_DATA = END + PAGE;
constexpr uint64_t FRAME = 0x3b7cc000;
constexpr uint64_t LEAVE_END_SLOT = END_DATA + 0x100;
constexpr uint64_t IMAGE_SELECTORS = 160;

uint8_t *shared;
Header *header;
uint8_t before[PAGES_MAX][PAGE];
alignas(64) uint8_t signalStack[1 << 17];

volatile bool running;
Result *result;
uint32_t tickCase;
uint32_t ticks;

uint8_t *live(uint32_t page) { return shared + LIVE_AT + page * PAGE; }
const uint8_t *base(uint32_t page) { return shared + BASE_AT + page * PAGE; }

[[noreturn]] void die(uint32_t step) {
  header->failure = step | uint32_t(errno) << 16;
  __atomic_store_n(&header->state, FAILED, __ATOMIC_RELEASE);
  _exit(1);
}

void readSelectors(uint16_t *to) {
  __asm__ volatile("mov %%ds, %0" : "=m"(to[DS]));
  __asm__ volatile("mov %%es, %0" : "=m"(to[ES]));
  __asm__ volatile("mov %%fs, %0" : "=m"(to[FS]));
  __asm__ volatile("mov %%gs, %0" : "=m"(to[GS]));
}

void readBases() {
  uint64_t value;
  __asm__ volatile("rdfsbase %0" : "=r"(value));
  result->fsBase = value;
  __asm__ volatile("rdgsbase %0" : "=r"(value));
  result->gsBase = value;
}

// Registers of the interrupted case, from the signal frame.
void takeContext(const ucontext_t *context) {
  static const int ORDER[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15};
  const greg_t *registers = context->uc_mcontext.gregs;
  for (int i = 0; i < 16; i++) result->gpr[i] = uint64_t(registers[ORDER[i]]);
  result->rip = uint64_t(registers[REG_RIP]);
  result->rflags = uint64_t(registers[REG_EFL]);
  // CS, GS, FS and SS share one word.
  const uint64_t segments = uint64_t(registers[REG_CSGSFS]);
  result->selectors[CS] = uint16_t(segments);
  result->selectors[SS] = uint16_t(segments >> 48);
  result->trap = uint32_t(registers[REG_TRAPNO]);
  result->error = uint64_t(registers[REG_ERR]);
  result->cr2 = uint64_t(registers[REG_CR2]);
  memcpy(result->floating, context->uc_mcontext.fpregs, sizeof result->floating);
}

bool inImage(uint64_t rip) {
  return rip >= uint64_t(__executable_start) && rip < uint64_t(end);
}

bool atEnd(uint64_t rip) { return rip - END < PAGE; }

// A case that is still the same one after two ticks does not end by itself.
bool endless(const ucontext_t *context) {
  const uint64_t rip = uint64_t(context->uc_mcontext.gregs[REG_RIP]);
  if (!running || inImage(rip) || atEnd(rip)) return false;
  if (tickCase != header->current) {
    tickCase = header->current;
    ticks = 0;
  }
  return ++ticks >= 2;
}

}  // namespace

// Called on the signal stack with the segment bases of the case: no thread-local data here.
int on_signal(int number, siginfo_t *info, ucontext_t *context) {
  if (number == SIGALRM && !endless(context)) return 0;
  if (!running) _exit(2);
  takeContext(context);
  readBases();
  readSelectors(result->selectors);
  result->ending = number == SIGALRM ? int32_t(TIMED_OUT) : number;
  result->faultAddress = uint64_t(info->si_addr);
  result->code = info->si_code;
  return 1;
}

namespace {

void applyPatches(const Case *c) {
  const uint32_t count = c->patchCount < PATCHES_MAX ? c->patchCount : uint32_t(PATCHES_MAX);
  for (uint32_t i = 0; i < count; i++) {
    const Patch &patch = c->patches[i];
    if (patch.page >= PAGES_MAX || patch.offset + patch.length > PAGE) continue;
    if (patch.from + patch.length > sizeof(Case)) continue;
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(c) + patch.from;
    memcpy(live(patch.page) + patch.offset, bytes, patch.length);
    memcpy(before[patch.page] + patch.offset, bytes, patch.length);
  }
}

void undoPatches(const Case *c) {
  const uint32_t count = c->patchCount < PATCHES_MAX ? c->patchCount : uint32_t(PATCHES_MAX);
  for (uint32_t i = 0; i < count; i++) {
    const Patch &patch = c->patches[i];
    if (patch.page >= PAGES_MAX || patch.offset + patch.length > PAGE) continue;
    const uint8_t *bytes = base(patch.page) + patch.offset;
    memcpy(live(patch.page) + patch.offset, bytes, patch.length);
    memcpy(before[patch.page] + patch.offset, bytes, patch.length);
  }
}

// Copies the pages that the case has changed to the results and puts them back.
void collectPages(uint32_t bank, uint32_t index) {
  uint8_t *pool =
      shared + CHANGED_AT + size_t{bank * CASES_MAX + index} * PAGES_MAX * PAGE;
  uint32_t changed = 0;
  for (uint32_t page = 0; page < header->pageCount; page++) {
    if ((header->pages[page].rights & WRITE) == 0) continue;
    if (memcmp(live(page), before[page], PAGE) == 0) continue;
    changed |= 1u << page;
    memcpy(pool + page * PAGE, live(page), PAGE);
    memcpy(live(page), before[page], PAGE);
  }
  result->changed = changed;
}

void runCase(uint32_t bank, uint32_t index) {
  const size_t slot = bank * CASES_MAX + index;
  const Case *c = reinterpret_cast<const Case *>(shared + CASES_AT) + slot;
  result = reinterpret_cast<Result *>(shared + RESULTS_AT) + slot;
  __atomic_store_n(&header->current, index, __ATOMIC_RELAXED);
  applyPatches(c);
  end_floating = result->floating;
  const uint8_t *floating = (c->flags & OWN_FLOATING) != 0 ? c->floating : header->floating;
  running = true;
  const int signalled = enter_case(c, floating);
  running = false;
  if (signalled == 0) {
    memcpy(result, reinterpret_cast<const void *>(END_DATA), IMAGE_SELECTORS);
    memcpy(&result->selectors[SS], reinterpret_cast<const void *>(END_DATA + 162), 10);
    result->selectors[CS] = c->selectors[CS];
    result->rip = END;
    result->ending = ENDED;
    result->trap = 0;
    result->error = 0;
  }
  collectPages(bank, index);
  undoPatches(c);
}

// Pages of the cases: one alias each that the worker can always write.
void mapPages(int memory) {
  for (uint32_t page = 0; page < header->pageCount; page++) {
    PageRow &row = header->pages[page];
    memcpy(live(page), base(page), PAGE);
    memcpy(before[page], base(page), PAGE);
    const int protection = ((row.rights & READ) != 0 ? PROT_READ : 0) |
                           ((row.rights & WRITE) != 0 ? PROT_WRITE : 0) |
                           ((row.rights & EXECUTE) != 0 ? PROT_EXEC : 0);
    // Present from the start: else a store to a read-only page would find no page at all.
    const int flags = MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE;
    void *at = mmap(reinterpret_cast<void *>(row.address), PAGE, protection, flags, memory,
                    off_t(LIVE_AT + page * PAGE));
    row.mapped = at == reinterpret_cast<void *>(row.address);
  }
}

void *mapLow(uint64_t address, size_t bytes) {
  void *at = mmap(reinterpret_cast<void *>(address), bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (at != reinterpret_cast<void *>(address)) die(3);
  return at;
}

void mapEnd() {
  mapLow(FRAME, PAGE);
  void *at = mapLow(END, 2 * PAGE);
  memset(at, 0xcc, PAGE);
  memcpy(at, end_stub, end_stub_bytes);
  *reinterpret_cast<void **>(LEAVE_END_SLOT) = leave_end_pointer;
  if (mprotect(at, PAGE, PROT_READ | PROT_EXEC) != 0) die(4);
}

// Segments for code of 16 bits and for limits; without the system call only those cases are lost.
void makeSegments() {
  for (uint32_t i = 0; i < header->ldtCount && i < LDT_MAX; i++) {
    if (syscall(SYS_modify_ldt, 1, header->ldt[i], 16) != 0) header->ldt[i][3] |= 1u << 31;
  }
}

struct KernelAction {
  void (*handler)();
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

void catchSignals() {
  stack_t stack = {};
  stack.ss_sp = signalStack;
  stack.ss_size = sizeof signalStack;
  if (sigaltstack(&stack, nullptr) != 0) die(5);
  constexpr unsigned long RESTORER = 0x04000000;
  KernelAction action = {signal_entry, SA_SIGINFO | SA_ONSTACK | SA_NODEFER | RESTORER,
                         signal_return, 0};
  const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGALRM};
  for (const int number : numbers) {
    if (syscall(SYS_rt_sigaction, number, &action, nullptr, 8) != 0) die(6);
  }
}

// A system call from anywhere but kernel_call becomes SIGSYS: it was the case's.
void filterCalls() {
  const uint64_t first = uint64_t(syscall_begin);
  const uint32_t low = uint32_t(first);
  const uint32_t high = uint32_t(first >> 32);
  const uint32_t last = uint32_t(uint64_t(syscall_end));
  const uint32_t ip = offsetof(seccomp_data, instruction_pointer);
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 6),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, low, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
  };
  sock_fprog filter = {sizeof program / sizeof program[0], program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die(7);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) die(8);
}

void startTimer() {
  itimerval timer = {};
  timer.it_interval.tv_usec = timer.it_value.tv_usec = header->tickMicroseconds;
  if (setitimer(ITIMER_REAL, &timer, nullptr) != 0) die(9);
}

void serve() {
  uint32_t served = __atomic_load_n(&header->done, __ATOMIC_ACQUIRE);
  __atomic_store_n(&header->state, READY, __ATOMIC_RELEASE);
  for (;;) {
    const uint32_t wanted = __atomic_load_n(&header->request, __ATOMIC_ACQUIRE);
    if (wanted == served) {
      kernel_call(SYS_futex, long(&header->request), FUTEX_WAIT, wanted, 0, 0, 0);
      continue;
    }
    tickCase = ~0u;
    for (uint32_t i = header->first; i < header->count && i < CASES_MAX; i++) {
      runCase(header->bank % BANKS, i);
    }
    served = wanted;
    __atomic_store_n(&header->done, served, __ATOMIC_RELEASE);
    kernel_call(SYS_futex, long(&header->done), FUTEX_WAKE, 1, 0, 0, 0);
  }
}

}  // namespace

int main(int count, char **arguments) {
  if (count != 2) return 1;
  const int memory = atoi(arguments[1]);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  void *at = mmap(nullptr, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (at == MAP_FAILED) return 1;
  shared = static_cast<uint8_t *>(at);
  header = reinterpret_cast<Header *>(shared);
  // The kernel must let user code set the segment bases (HWCAP2_FSGSBASE).
  if ((getauxval(AT_HWCAP2) & 2) == 0) die(1);
  if (header->pageCount > PAGES_MAX) die(2);
  __asm__ volatile("rdfsbase %0" : "=r"(saved_fs));
  mapPages(memory);
  mapEnd();
  makeSegments();
  catchSignals();
  startTimer();
  filterCalls();
  serve();
}
