// The README's shell blocks, pasted into one terminal in a copy of the repository, while the demo
// store is served.

#include "tests/support/server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The indented blocks, without their indentation.
std::vector<std::string> blocks_of(const std::string& markdown) {
  std::vector<std::string> blocks;
  std::string block;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("    ")) {
      block += line.substr(4) + "\n";
    } else if (line.empty() && !block.empty()) {
      block += "\n";
    } else if (!block.empty()) {
      blocks.push_back(std::exchange(block, {}));
    }
  }
  if (!block.empty()) blocks.push_back(block);
  return blocks;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Blocks for another machine: they install packages, or need a PostgreSQL with its databases.
bool is_for_elsewhere(const std::string& block) {
  return holds(block, "./dev ") || holds(block, "STOA_POSTGRES_URL");
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

/// As `./dev run` creates it.
void make_store(const fs::path& data) {
  load_demo(stoa_binary(), data, 200, 100);
  const auto password = data / "root.password";
  std::ofstream(password) << "a long enough password\n";
  fs::permissions(password, fs::perms::owner_read | fs::perms::owner_write);
  const auto made =
      run_program(stoa_binary(), {"user", "create", "--role", "admin", "--username", "root",
                                  "--email", "root@example.com", "--password-file",
                                  password.string(), "--data", data.string()});
  BOOST_TEST_REQUIRE(made.exit_code == 0, made.output);
}

/// The session's output from the block with this text on.
std::string output_of(const std::string& all, const std::vector<std::string>& blocks,
                      const std::string& with) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (!holds(blocks[i], with)) continue;
    const auto begin = all.find("=== block " + std::to_string(i) + "\n");
    const auto end = all.find("=== end " + std::to_string(i) + " ");
    if (begin == all.npos || end == all.npos) return {};
    return all.substr(begin, end - begin);
  }
  BOOST_ERROR("no README block contains " << with);
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_block_pastes) {
  for (const auto* tool : {"bash", "curl", "man"}) {
    if (!fs::exists(fs::path("/usr/bin") / tool))
      return skip(std::string(tool) + " is not installed");
  }
  const temp_dir dir;
  const fs::path source(STOA_SOURCE_DIR);
  fs::create_directories(dir / "build/release");
  fs::create_symlink(stoa_binary(), dir / "build/release/stoa");
  fs::create_symlink(source / "config", dir / "config");
  make_store(dir / "stoa-data");
  server_options options;
  options.data = dir / "stoa-data";
  options.alone = true;
  server shop(options);
  shop.start();

  const auto blocks = blocks_of(read(source / "README.md"));
  std::string script = "umask 0022\ncd " + (dir / ".").string() + "\n";
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (is_for_elsewhere(blocks[i])) continue;
    const auto number = std::to_string(i);
    script +=
        "echo '=== block " + number + "'\n" + blocks[i] + "\necho \"=== end " + number + " $?\"\n";
  }
  script += "echo \"=== the shell has umask $(umask)\"\n";
  replace_all(script, "127.0.0.1:8080", "127.0.0.1:" + std::to_string(shop.port()));
  std::ofstream(dir / "session.sh") << script;
  const auto session =
      run_program("/usr/bin/bash", {(dir / "session.sh").string()}, {}, std::chrono::seconds{180});
  const auto& all = session.output;
  BOOST_TEST_CONTEXT(all) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (is_for_elsewhere(blocks[i])) continue;
      BOOST_TEST(holds(all, "=== end " + std::to_string(i) + " 0\n"), blocks[i]);
    }
    BOOST_TEST(holds(all, "=== the shell has umask 0022\n"));
    BOOST_TEST(holds(output_of(all, blocks, "/checkout"), " 201 "));
    BOOST_TEST(holds(output_of(all, blocks, "TOKEN="), " 200 "));
    BOOST_TEST(holds(output_of(all, blocks, "--username ada"), "created the admin ada"));
    BOOST_TEST(holds(output_of(all, blocks, "--username bob"), "created the staff bob"));
    const auto imported = output_of(all, blocks, "import shopify products.csv $A");
    BOOST_TEST(holds(imported, "200 products exported"));
    BOOST_TEST(holds(imported, "0 created, 0 updated, 200 unchanged"));
    BOOST_TEST(holds(output_of(all, blocks, "JOB="), "\"import_id\":"));
    BOOST_TEST(holds(output_of(all, blocks, "stoa demo"), "1000 created"));
  }
  BOOST_TEST(read(dir / "products.csv").starts_with("Handle,Title"));
  for (const auto* file : {"admin.password", "staff.password"}) {
    const auto open =
        fs::status(dir / file).permissions() & (fs::perms::group_all | fs::perms::others_all);
    BOOST_TEST((open == fs::perms::none), file);
  }
}
