#include "storage/db/migrate.hpp"

#include "actors/kernel/node.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/data_lock.hpp"
#include "net/cli/store.hpp"
#include "storage/db/sqlite.hpp"

#include <array>
#include <cstdio>

namespace stoa::cli {

int run_migrate(const settings& s) {
  data_lock lock(s.data.dir);
  for (const auto& name : service_names()) {
    auto connection =
        db::open_sqlite(kernel::database_path(s.data.dir, name), db::sqlite_mode::write);
    std::array<std::string_view, 2> modules{"kernel", name};
    int count = db::migrate(*connection, "sqlite", modules);
    std::printf("%-14s %d applied\n", name.c_str(), count);
  }
  return exit_done;
}

}  // namespace stoa::cli
