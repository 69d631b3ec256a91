#include "tests/queues/lost_signals.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>

namespace {

using wake = int (*)(pthread_cond_t*);

int unless_lost(std::atomic<wake>& found, const char* name, pthread_cond_t* condition) noexcept {
  if (handoff::queue_tests::signals_to_lose > 0) {
    --handoff::queue_tests::signals_to_lose;
    return 0;
  }
  wake call = found.load(std::memory_order_relaxed);  // whoever comes first finds the same
  if (call == nullptr) {
    call = reinterpret_cast<wake>(::dlsym(RTLD_NEXT, name));
    found.store(call, std::memory_order_relaxed);  // as above
  }
  return call(condition);
}

}  // namespace

/// In the place of the C library's, which libstdc++ calls.
extern "C" int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  static constinit std::atomic<wake> found{nullptr};
  return unless_lost(found, "pthread_cond_signal", condition);
}
extern "C" int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  static constinit std::atomic<wake> found{nullptr};
  return unless_lost(found, "pthread_cond_broadcast", condition);
}
