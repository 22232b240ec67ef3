// CAF 0.17 believes the length that the first bytes of a connection name, and makes room for it:
// 32 stray bytes at the port for nodes (a scanner's, a probe's) cost up to 4 GB, and the seconds
// that this takes the thread that reads the network, in which other nodes hear nothing and take
// this one for dead. This stands before CAF's own check of what begins a message, as the program's
// symbols come first.

#include "actors/kernel/cluster.hpp"

#include <caf/io/all.hpp>

#include <cstring>
#include <dlfcn.h>

namespace {

/// Far above what nodes say to each other.
constexpr std::uint32_t handshake_max = 64U << 10;
constexpr std::uint32_t message_max = 128U << 20;

constexpr const char* name_of_valid = "_ZN3caf2io4basp5validERKNS1_6headerE";

bool (*next_valid())(const caf::io::basp::header&) {
  void* found = ::dlsym(RTLD_NEXT, name_of_valid);
  bool (*function)(const caf::io::basp::header&) = nullptr;
  static_assert(sizeof(function) == sizeof(found));
  std::memcpy(&function, &found, sizeof(found));
  return function;
}

}  // namespace

namespace caf::io::basp {

bool valid(const header& h) {
  static const auto next = next_valid();
  return h.payload_len <= (is_handshake(h) ? handshake_max : message_max) && next(h);
}

}  // namespace caf::io::basp

namespace stoa::kernel {

bool guards_basp() {
  void* const first = ::dlsym(RTLD_DEFAULT, name_of_valid);
  bool (*const here)(const caf::io::basp::header&) = &caf::io::basp::valid;
  return first != nullptr && std::memcmp(&first, &here, sizeof(first)) == 0 && next_valid();
}

}  // namespace stoa::kernel
