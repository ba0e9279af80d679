// The addon: owns the shared memory, starts the worker process, hands it batches of cases and
// replaces it when a case has killed it.
#include <errno.h>
#include <linux/futex.h>
#include <node_api.h>
#include <signal.h>
#include <string.h>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"

namespace {

constexpr long WAIT_NANOSECONDS = 20'000'000;
constexpr int START_WAITS = 250;
constexpr int BATCH_WAITS = 1500;

struct Oracle {
  std::string path;
  int memory = -1;
  uint8_t *shared = nullptr;
  pid_t worker = -1;

  Header *header() const { return reinterpret_cast<Header *>(shared); }
};

void stop(Oracle *oracle) {
  if (oracle->worker > 0) {
    kill(oracle->worker, SIGKILL);
    waitpid(oracle->worker, nullptr, 0);
  }
  oracle->worker = -1;
}

void release(napi_env, void *data, void *) {
  Oracle *oracle = static_cast<Oracle *>(data);
  stop(oracle);
  if (oracle->memory >= 0) close(oracle->memory);
  delete oracle;
}

// The mapping outlives the object: JavaScript may still hold the buffer.
void unmap(napi_env, void *data, void *) { munmap(data, SHARED_BYTES); }

void sleepBriefly(uint32_t *word, uint32_t seen) {
  const timespec limit = {0, WAIT_NANOSECONDS};
  syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, nullptr, 0);
}

bool start(Oracle *oracle) {
  Header *header = oracle->header();
  header->state = STARTING;
  const std::string number = std::to_string(oracle->memory);
  const char *arguments[] = {oracle->path.c_str(), number.c_str(), nullptr};
  const char *environment[] = {nullptr};
  const pid_t child = fork();
  if (child == 0) {
    execve(arguments[0], const_cast<char **>(arguments), const_cast<char **>(environment));
    _exit(127);
  }
  if (child < 0) return false;
  oracle->worker = child;
  for (int i = 0; i < START_WAITS; i++) {
    const uint32_t state = __atomic_load_n(&header->state, __ATOMIC_ACQUIRE);
    if (state == READY) return true;
    if (state == FAILED || waitpid(child, nullptr, WNOHANG) == child) break;
    const timespec pause = {0, WAIT_NANOSECONDS / 20};
    nanosleep(&pause, nullptr);
  }
  stop(oracle);
  return false;
}

void submitBatch(Oracle *oracle, uint32_t bank, uint32_t first, uint32_t count) {
  Header *header = oracle->header();
  header->bank = bank;
  header->first = first;
  header->count = count;
  __atomic_add_fetch(&header->request, 1, __ATOMIC_RELEASE);
  syscall(SYS_futex, &header->request, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

// The worker died in the case at hand: notes that, and goes on behind it with a new worker.
bool replaceWorker(Oracle *oracle) {
  Header *header = oracle->header();
  const uint32_t bank = header->bank % BANKS;
  const uint32_t index = header->current;
  if (index < CASES_MAX) {
    Result *results = reinterpret_cast<Result *>(oracle->shared + RESULTS_AT);
    results[bank * CASES_MAX + index].ending = WORKER_DIED;
    results[bank * CASES_MAX + index].changed = 0;
  }
  header->first = index + 1;
  oracle->worker = -1;
  return start(oracle);
}

bool waitBatch(Oracle *oracle) {
  Header *header = oracle->header();
  int waits = 0;
  for (;;) {
    const uint32_t done = __atomic_load_n(&header->done, __ATOMIC_ACQUIRE);
    if (done == __atomic_load_n(&header->request, __ATOMIC_RELAXED)) return true;
    sleepBriefly(&header->done, done);
    if (waitpid(oracle->worker, nullptr, WNOHANG) == oracle->worker) {
      if (!replaceWorker(oracle)) return false;
    }
    if (++waits > BATCH_WAITS) return false;
  }
}

napi_value undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

Oracle *self(napi_env env, napi_callback_info info, size_t *count, napi_value *arguments) {
  void *data = nullptr;
  napi_value first;
  size_t all = *count + 1;
  napi_value values[5];
  napi_get_cb_info(env, info, &all, values, nullptr, nullptr);
  first = values[0];
  for (size_t i = 0; i < *count; i++) arguments[i] = values[i + 1];
  if (napi_get_value_external(env, first, &data) != napi_ok) {
    napi_throw_type_error(env, nullptr, "not an oracle");
    return nullptr;
  }
  return static_cast<Oracle *>(data);
}

// create(path of the worker): a handle.
napi_value create(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value path;
  napi_get_cb_info(env, info, &count, &path, nullptr, nullptr);
  char text[4096];
  size_t length = 0;
  if (napi_get_value_string_utf8(env, path, text, sizeof text, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "the path of the worker is no string");
    return nullptr;
  }
  Oracle *oracle = new Oracle;
  oracle->path = std::string(text, length);
  oracle->memory = memfd_create("vmxlab-oracle", 0);
  void *at = MAP_FAILED;
  if (oracle->memory >= 0 && ftruncate(oracle->memory, SHARED_BYTES) == 0) {
    at = mmap(nullptr, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, oracle->memory, 0);
  }
  if (at == MAP_FAILED) {
    release(env, oracle, nullptr);
    napi_throw_error(env, nullptr, "no shared memory for the oracle");
    return nullptr;
  }
  oracle->shared = static_cast<uint8_t *>(at);
  napi_value handle;
  napi_create_external(env, oracle, release, nullptr, &handle);
  return handle;
}

// memory(handle): the shared memory, once.
napi_value memory(napi_env env, napi_callback_info info) {
  size_t count = 0;
  Oracle *oracle = self(env, info, &count, nullptr);
  if (!oracle) return nullptr;
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, oracle->shared, SHARED_BYTES, unmap, nullptr,
                                       &buffer) != napi_ok) {
    napi_throw_error(env, nullptr, "this runtime does not share memory with addons");
    return nullptr;
  }
  return buffer;
}

// start(handle): true when the worker stands ready.
napi_value startWorker(napi_env env, napi_callback_info info) {
  size_t count = 0;
  Oracle *oracle = self(env, info, &count, nullptr);
  if (!oracle) return nullptr;
  stop(oracle);
  oracle->header()->done = oracle->header()->request;
  napi_value value;
  napi_get_boolean(env, start(oracle), &value);
  return value;
}

// submit(handle, bank, count): hands over cases 0 to count - 1 of a bank.
napi_value submit(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  Oracle *oracle = self(env, info, &count, arguments);
  if (!oracle) return nullptr;
  uint32_t bank = 0;
  uint32_t cases = 0;
  napi_get_value_uint32(env, arguments[0], &bank);
  napi_get_value_uint32(env, arguments[1], &cases);
  if (bank >= BANKS || cases > CASES_MAX) {
    napi_throw_range_error(env, nullptr, "bank or count out of range");
    return nullptr;
  }
  submitBatch(oracle, bank, 0, cases);
  return undefined(env);
}

// wait(handle): blocks until the batch is done; false when no worker can be had any more.
napi_value wait(napi_env env, napi_callback_info info) {
  size_t count = 0;
  Oracle *oracle = self(env, info, &count, nullptr);
  if (!oracle) return nullptr;
  napi_value value;
  napi_get_boolean(env, waitBatch(oracle), &value);
  return value;
}

// close(handle): ends the worker.
napi_value closeOracle(napi_env env, napi_callback_info info) {
  size_t count = 0;
  Oracle *oracle = self(env, info, &count, nullptr);
  if (oracle) stop(oracle);
  return undefined(env);
}

void define(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

napi_value initialize(napi_env env, napi_value exports) {
  define(env, exports, "create", create);
  define(env, exports, "memory", memory);
  define(env, exports, "start", startWorker);
  define(env, exports, "submit", submit);
  define(env, exports, "wait", wait);
  define(env, exports, "close", closeOracle);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, initialize)
