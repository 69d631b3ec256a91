// A case that hangs ends the program within seconds, and says what hangs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>

namespace handoff::conformance {

/// While it lives, looks at the threads of this process ten times a second. A case hangs where all of them
/// have slept for three seconds, however busy the machine is; where it has used HANDOFF_TEST_LIMIT_S seconds
/// of processor time (else a default that no case comes near); or where it has not ended after minutes.
class hang_watch {
 public:
  hang_watch(std::string test, std::uint64_t seed);
  hang_watch(const hang_watch&) = delete;
  hang_watch& operator=(const hang_watch&) = delete;
  ~hang_watch();

 private:
  using nanoseconds = std::int64_t;

  void watch();
  /// The reason to end the program, else empty.
  std::string verdict();
  bool everybody_sleeps();
  [[noreturn]] void end(const std::string& why) const;
  static nanoseconds read(clockid_t clock);
  /// Processor time of all threads but the one that asks.
  static nanoseconds used_by_others();

  const std::string test_;
  const std::uint64_t seed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;  // guarded by mutex_
  // The watching thread's:
  unsigned looks_ = 0;
  unsigned asleep_ = 0;  // looks in a row that found everybody asleep
  nanoseconds used_before_ = 0;
  nanoseconds used_at_last_look_ = 0;
  std::thread thread_;  // last: it uses the others
};

}  // namespace handoff::conformance
