// Steps at which a test acts: in the middle of an operation, on the thread that is in it.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace handoff::stealing_tests {

/// What the calling thread does in the middle of its next operation.
class script {
 public:
  /// At step number `step` (0: the first) from now on, the calling thread does `act`, once. Steps in there
  /// pass by.
  script(std::size_t step, std::function<void()> act) : left_(step), act_(std::move(act)) { mine_ = this; }
  script(const script&) = delete;
  script& operator=(const script&) = delete;
  ~script() { mine_ = nullptr; }

  [[nodiscard]] bool reached() const noexcept { return reached_; }

  static void pass() {
    if (mine_ == nullptr || mine_->left_-- != 0) return;
    script& self = *std::exchange(mine_, nullptr);
    self.reached_ = true;
    self.act_();
  }

 private:
  inline static constinit thread_local script* mine_ = nullptr;
  std::size_t left_;
  std::function<void()> act_;
  bool reached_ = false;
};

struct scripted_steps {
  static void pass() { script::pass(); }
};

}  // namespace handoff::stealing_tests
