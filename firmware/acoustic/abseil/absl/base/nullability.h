// What WebRTC's sources use of newer abseil's absl/base/nullability.h, for Debian 12's: words for
// the reader that mean nothing to the compiler.
#pragma once

#define ABSL_NULLABILITY_COMPATIBLE

namespace absl {
template <typename T>
using Nonnull = T;
template <typename T>
using Nullable = T;
}  // namespace absl
