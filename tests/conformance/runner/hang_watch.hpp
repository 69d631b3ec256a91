// Ends the program within seconds if a case hangs, and says what hangs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>

namespace handoff::conformance {

/// While it lives, looks at the threads of this process ten times per second. A case hangs if all of them
/// have slept for 3.5 seconds, however busy the machine is; if it has used HANDOFF_TEST_LIMIT_S seconds of
/// processor time (by default, more than any case comes near); or if it has not ended after minutes.
class hang_watch {
 public:
  hang_watch(std::string test, std::uint64_t seed);
  hang_watch(const hang_watch&) = delete;
  hang_watch& operator=(const hang_watch&) = delete;
  ~hang_watch();

 private:
  using nanoseconds = std::int64_t;

  void watch();
  /// The reason to end the program; otherwise empty.
  std::string verdict();
  bool everybody_sleeps();
  [[noreturn]] void end(const std::string& why) const;
  static nanoseconds read(clockid_t clock);
  /// Processor time of all threads except the one that asks.
  static nanoseconds used_by_others();

  const std::string test_;
  const std::uint64_t seed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;  // guarded by mutex_
  // Used by the watching thread only:
  unsigned looks_ = 0;
  unsigned asleep_ = 0;  // consecutive looks that found all threads asleep
  nanoseconds used_before_ = 0;
  nanoseconds used_at_last_look_ = 0;
  std::thread thread_;  // last: it uses the others
};

}  // namespace handoff::conformance
