#pragma once
namespace handoff::conformance {
template <template <class> class Backend>
void register_on_loop(const std::string&) {}
}  // namespace handoff::conformance
