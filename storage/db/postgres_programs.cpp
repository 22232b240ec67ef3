#include "storage/db/postgres_programs.hpp"

#include "storage/db/postgres_link.hpp"

namespace stoa::db {

std::vector<std::pair<std::string, std::string>> postgres_environment(const std::string& url,
                                                                      const std::string& password) {
  auto parameters = parse_postgres_url(url);
  if (!password.empty()) parameters.try_emplace("password", password);
  const auto host = parameters.find("host");
  if (host != parameters.end() && host->second.find(',') != std::string::npos) {
    parameters.try_emplace("target_session_attrs", "primary");
  }
  std::vector<std::pair<std::string, std::string>> all;
  auto* known = PQconndefaults();
  if (known == nullptr) throw error(error_kind::unavailable, "", "PostgreSQL: out of memory");
  for (const auto* one = known; one->keyword != nullptr; ++one) {
    const auto given = parameters.find(one->keyword);
    if (one->envvar == nullptr || given == parameters.end()) continue;
    all.emplace_back(one->envvar, given->second);
  }
  PQconninfoFree(known);
  return all;
}

}  // namespace stoa::db
