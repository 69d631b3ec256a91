// A round of shutdown to which the machine refuses consumers: that is no fault of the queue, and no
// corruption.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

#include "harness/make_contender.hpp"
#include "queues/mutex_condvar.hpp"
#include "tests/harness/child.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::harness_tests {

namespace {

/// Called when a round makes its queue: the watchdog's thread exists, the consumers' threads do not yet.
std::function<void()> before_the_consumers;

template <class T>
class announced_queue : public mutex_condvar<T> {
 public:
  explicit announced_queue(std::size_t capacity) : mutex_condvar<T>(capacity) {
    if (before_the_consumers) before_the_consumers();
  }
};

/// How a sample of shutdown with two consumers ends when `refuse` is called before they are made.
ending sample_with(const std::function<void()>& refuse, harness::pinning pin) {
  return run_in_child([&](const reporter& report) {
    harness::cell c;
    c.scenario = harness::scenario::shutdown;
    c.backend = "announced_queue";
    c.wait = wait_kind::native;
    c.consumers = 2;
    c.capacity = 64;
    c.stop = harness::stop_protocol::close;
    c.pin = pin;
    const auto session = harness::open_session<announced_queue<harness::item_8>>(c, {});
    before_the_consumers = refuse;
    report.took(session->take());
  });
}

/// Leaves memory for one more stack, but not for two.
void leave_one_stack() {
  constexpr std::size_t stack = std::size_t{1} << 30;
  pthread_attr_t wanted;
  pthread_getattr_default_np(&wanted);
  pthread_attr_setstacksize(&wanted, stack);
  pthread_setattr_default_np(&wanted);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlimit limit = [&] {
    rlimit now{};
    ::getrlimit(RLIMIT_AS, &now);
    now.rlim_cur = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + stack + stack / 2;
    return now;
  }();
  ::setrlimit(RLIMIT_AS, &limit);
}

constexpr auto no_filters = "this machine lets nobody filter its calls";

/// From now on the kernel lets no thread choose its core.
void forbid_pinning() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_sched_setaffinity, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = std::size(rules), .filter = rules};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    throw std::runtime_error(no_filters);
}

TEST(refused_thread, that_cannot_be_started_is_said_and_the_others_are_joined) {
  if (testing_support::slowdown > 1) GTEST_SKIP() << "a sanitizer has memory of its own";
  const ending e = sample_with(leave_one_stack, harness::pinning::none);
  EXPECT_EQ(e.exception, "cannot start worker 2 of 2: Resource temporarily unavailable") << e;
}

TEST(refused_thread, that_cannot_be_pinned_is_no_corruption) {
  const ending e = sample_with(forbid_pinning, harness::pinning::compact);
  if (e.exception == no_filters) GTEST_SKIP() << no_filters;
  EXPECT_EQ(e.exception, "cannot pin a thread: Operation not permitted") << e;
}

}  // namespace

}  // namespace handoff::harness_tests
