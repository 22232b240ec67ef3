#include "config/services.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/store.hpp"
#include "net/cli/store_folder.hpp"
#include "storage/kernel/member_store.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace stoa::cli {

int run_migrate(const settings& s) {
  // Files belong to one process; a shared database can be migrated while other nodes use it.
  std::optional<store_folder> folder;
  for (const auto& name : config::service_names()) {
    auto database = database_of(s, name);
    if (!database->shared() && !folder) folder.emplace(s);
    std::array<std::string_view, 2> modules{"kernel", name};
    int count = database->migrate(modules);
    if (!database->shared()) {
      kernel::add_member(*database->open(db::access::write), name, folder->store_id());
      folder->add_parts({part_of(name)});
    }
    std::printf("%-14s %d applied\n", name.c_str(), count);
  }
  return exit_done;
}

}  // namespace stoa::cli
