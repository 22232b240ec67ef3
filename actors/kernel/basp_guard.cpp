// CAF 0.17 believes the length that the first bytes of a connection name, and makes room for it:
// 32 stray bytes at the port for nodes (a scanner's, a probe's) cost up to 4 GB, and the seconds
// that this takes the thread that reads the network, in which other nodes hear nothing and take
// this one for dead. This stands before CAF's own check of what begins a message, as the program's
// symbols come first.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/interposed.hpp"

#include <caf/io/all.hpp>

namespace {

/// Far above what nodes say to each other.
constexpr std::uint32_t handshake_max = 64U << 10;
constexpr std::uint32_t message_max = 128U << 20;

constexpr const char* name_of_valid = "_ZN3caf2io4basp5validERKNS1_6headerE";

auto* next_valid() {
  return stoa::kernel::next_function<bool(const caf::io::basp::header&)>(name_of_valid);
}

}  // namespace

namespace caf::io::basp {

bool valid(const header& h) {
  static auto* const next = next_valid();
  // CAF reads the payload of a handshake without a look at whether there is one.
  if (is_handshake(h) && (h.payload_len == 0 || h.payload_len > handshake_max)) return false;
  return h.payload_len <= message_max && next(h);
}

}  // namespace caf::io::basp

namespace stoa::kernel {

bool guards_basp() {
  void* const first = ::dlsym(RTLD_DEFAULT, name_of_valid);
  bool (*const here)(const caf::io::basp::header&) = &caf::io::basp::valid;
  return first != nullptr && std::memcmp(&first, &here, sizeof(first)) == 0 && next_valid();
}

}  // namespace stoa::kernel
