#include "net/front/code_guard.hpp"

#include "net/front/shared_limits.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

shared_kind code_kind_of(code_scope s) {
  if (s == code_scope::address) return shared_kind::code_address_failures;
  return s == code_scope::site ? shared_kind::code_site_failures : shared_kind::code_owner_failures;
}

/// Distinguishes the uses of a key; part of the hash.
std::uint64_t code_salt(code_scope s) {
  return 201 + static_cast<std::uint64_t>(s);
}

}  // namespace

std::string_view to_string(code_scope s) {
  switch (s) {
    case code_scope::owner:
      return "owner";
    case code_scope::address:
      return "address";
    case code_scope::site:
      return "site";
    case code_scope::none:
      break;
  }
  return "none";
}

code_guard::code_guard(code_limits limits, const limit_keys& keys, shared_limits* shared)
    : limits_(limits), keys_(keys), shared_(shared), failures_(limits.clients_max) {}

const failure_policy& code_guard::policy_of(code_scope s) const {
  if (s == code_scope::address) return limits_.address;
  return s == code_scope::site ? limits_.site : limits_.owner;
}

std::size_t code_guard::charges_of(const code_attempt& a,
                                   std::array<charged, charged_max>& out) const {
  std::size_t count = 0;
  const auto charge = [&](code_scope s, std::uint64_t key) {
    out[count++] = {s, keys_.of(key, 0, code_salt(s))};
  };
  if (a.owner) charge(code_scope::owner, *a.owner);
  if (a.exempt) return count;
  charge(code_scope::address, a.address);
  if (a.site) charge(code_scope::site, *a.site);
  return count;
}

void code_guard::share(const charged& c, std::int64_t failures) {
  if (!shared_) return;
  const auto& p = policy_of(c.scope);
  shared_->add({code_kind_of(c.scope), c.key}, failures * p.forget_ns, p.forget_ns * p.count_max);
}

/// Adds failures, or takes back the one that was counted.
void code_guard::add(const charged& c, std::int64_t failures, std::int64_t now_ns) {
  const auto& p = policy_of(c.scope);
  failures_.update(c.key, now_ns, [&](failure_record& r) {
    if (failures < 0) return r.take_back(p);
    const auto until = std::max(r.until_ns, now_ns) + failures * p.forget_ns;
    r.raise(p, std::min(until, now_ns + p.forget_ns * p.count_max), now_ns);
  });
  share(c, failures);
}

code_verdict code_guard::admit(const code_attempt& a, std::int64_t now_ns) {
  std::array<charged, charged_max> charges;
  const auto count = charges_of(a, charges);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& p = policy_of(charges[i].scope);
    const auto wait = failures_.update(charges[i].key, now_ns,
                                       [&](failure_record& r) { return r.charge(p, now_ns); });
    if (wait == 0) {
      share(charges[i], 1);
      continue;
    }
    for (std::size_t done = 0; done < i; ++done) add(charges[done], -1, now_ns);
    return {charges[i].scope, wait};
  }
  return {};
}

void code_guard::settle(const code_attempt& a, std::int64_t failures, std::int64_t now_ns) {
  if (failures == 1) return;  // As counted.
  std::array<charged, charged_max> charges;
  const auto count = charges_of(a, charges);
  for (std::size_t i = 0; i < count; ++i) add(charges[i], failures - 1, now_ns);
}

void code_guard::merge(shared_key key, std::int64_t ahead_ns, std::int64_t now_ns) {
  auto scope = code_scope::owner;
  if (key.kind == shared_kind::code_address_failures) scope = code_scope::address;
  if (key.kind == shared_kind::code_site_failures) scope = code_scope::site;
  failures_.update(key.key, now_ns, [&](failure_record& r) {
    r.raise(policy_of(scope), now_ns + ahead_ns, now_ns);
  });
}

}  // namespace stoa::front
