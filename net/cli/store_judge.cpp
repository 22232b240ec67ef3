// Rules that decide whether the parts of a store belong together.

#include "net/cli/store_parts.hpp"

#include <algorithm>

namespace stoa::cli {

namespace {

using problems = std::vector<std::string>;

std::string at(const std::filesystem::path& p) {
  return p.string() + ": ";
}

void add_damaged(const store_view& v, problems& all) {
  for (const auto& k : {v.secret, v.token_key}) {
    if (!k.error.empty()) all.push_back(k.error);
  }
  for (const auto& p : v.parts) {
    if (p.state == part_state::damaged) all.push_back(at(p.path) + "it is damaged: " + p.error);
    if (p.state == part_state::unreadable) {
      all.push_back(at(p.path) + "it cannot be read: " + p.error);
    }
  }
}

std::string absence(const store_part& p) {
  if (p.state == part_state::empty)
    return "it is empty (0 bytes), but it contained data of the store";
  if (p.state == part_state::fresh)
    return "it is new and empty, but it contained data of the store";
  return "it is missing, but it contained data of the store";
}

bool is_there(const store_part& p) {
  return p.state == part_state::fresh || p.state == part_state::unmarked ||
         p.state == part_state::marked;
}

/// For a store without an id in any part: a new one, or one older than store ids.
void judge_unmarked(const store_view& v, problems& all) {
  const auto was_served = [](const store_part& p) {
    // `stoa demo`, `import` and `user create` write only to these two.
    const bool is_offline = p.name == part_of("catalog") || p.name == part_of("user");
    return p.state == part_state::unmarked && !is_offline && p.name != "mail";
  };
  if (std::ranges::none_of(v.parts, was_served)) return;
  for (const auto& p : v.parts) {
    if (p.name != "mail" && !is_there(p) && p.error.empty()) {
      all.push_back(at(p.path) + absence(p));
    }
  }
  for (const auto& k : {v.secret, v.token_key}) {
    if (!k.is_there) all.push_back(at(k.path) + "it is missing, but the store has been served");
  }
}

/// The secret identifies the store. The token key may have changed since the last start, because
/// keys are rotated while a node runs or is stopped.
void judge_keys(const store_view& v, const std::string& store_id, problems& all) {
  if (!v.secret.is_there) {
    all.push_back(at(v.secret.path) + "it is missing, but the store had one");
  } else if (v.secret.error.empty() && v.secret.id != store_id) {
    all.push_back(at(v.secret.path) + "it is not the store's secret");
  }
  if (!v.record || v.record->token_key_id.empty()) return;
  if (!v.token_key.is_there) {
    all.push_back(at(v.token_key.path) + "it is missing, but the store had one");
  }
}

bool lists(const std::vector<std::string>& names, const store_part& p) {
  return std::ranges::find(names, p.name) != names.end();
}

void judge_part(const store_part& p, bool is_member, const std::string& store_id, problems& all) {
  switch (p.state) {
    case part_state::damaged:
    case part_state::unreadable:
      return;  // already reported
    case part_state::missing:
    case part_state::empty:
    case part_state::fresh:
      if (is_member) all.push_back(at(p.path) + absence(p));
      return;
    case part_state::unmarked:
      // An older mail folder may contain other mails.
      if (p.name == "mail" && !is_member) return;
      all.push_back(at(p.path) + "it contains data, but not of this store");
      return;
    case part_state::marked:
      if (p.store_id != store_id) all.push_back(at(p.path) + "it belongs to another store");
      return;
  }
}

}  // namespace

std::vector<std::string> problems_of(const store_view& v) {
  problems all;
  if (!v.record_error.empty()) return {at(v.record_path) + v.record_error};
  add_damaged(v, all);
  std::string store_id = v.record ? v.record->store_id : "";
  bool is_lost = false;  // the record, and with it the list of parts
  for (const auto& p : v.parts) {
    if (!store_id.empty() || p.state != part_state::marked) continue;
    // The ledger and the mails may be shared by several nodes, including this new one.
    is_lost = p.is_database();
    store_id = is_lost || v.secret.id.empty() ? p.store_id : v.secret.id;
  }
  if (store_id.empty()) {
    judge_unmarked(v, all);
    return all;
  }
  judge_keys(v, store_id, all);
  for (const auto& p : v.parts) {
    const bool is_member = v.record ? lists(v.record->parts, p) : is_lost;
    const bool is_expected =
        p.state == part_state::unmarked && v.record && lists(v.record->unmarked, p);
    if (is_expected) continue;
    judge_part(p, is_member, store_id, all);
  }
  return all;
}

std::string part_of(std::string_view service) {
  return std::string(service) + ".db";
}

}  // namespace stoa::cli
