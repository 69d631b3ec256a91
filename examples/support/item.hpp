// The items of the patterns' queues.
#pragma once

#include <optional>

namespace handoff::patterns {

/// None: a marker, after which no more items come.
using item = std::optional<int>;

}  // namespace handoff::patterns
