#include "net/cli/commands.hpp"
#include "net/cli/data_lock.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/store.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace stoa::cli {

int run_migrate(const settings& s) {
  // Files belong to one process; a shared database is brought up to date while others use it.
  std::optional<data_lock> lock;
  for (const auto& name : service_names()) {
    auto database = database_of(s, name);
    if (!database->shared() && !lock) lock.emplace(s.data.dir);
    std::array<std::string_view, 2> modules{"kernel", name};
    int count = database->migrate(modules);
    std::printf("%-14s %d applied\n", name.c_str(), count);
  }
  return exit_done;
}

}  // namespace stoa::cli
