// What WebRTC's sources use of newer abseil's absl/strings/has_absl_stringify.h, for Debian 12's,
// whose StrCat cannot print such types: they are printed to streams instead.
#pragma once

#include <ostream>
#include <string_view>
#include <type_traits>
#include <utility>

namespace absl {

template <typename T>
struct HasAbslStringify : std::false_type {};

}  // namespace absl

namespace webrtc {

struct StreamSink {
  std::ostream& to;
  void Append(std::string_view text) { to << text; }
};

template <typename T,
          typename = decltype(AbslStringify(std::declval<StreamSink&>(), std::declval<T>()))>
std::ostream& operator<<(std::ostream& to, const T& value) {
  StreamSink sink{to};
  AbslStringify(sink, value);
  return to;
}

}  // namespace webrtc
