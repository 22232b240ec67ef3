#include "bench/profile.hpp"

#include "bench/load.hpp"
#include "bench/svg_plot.hpp"
#include "tests/support/server.hpp"
#include "tests/support/system_server.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <future>
#include <istream>
#include <vector>

namespace stoa::bench {
namespace {

constexpr int samples_per_second = 199;
/// Of the stack that is copied for each sample, so that the callers are found without frame
/// pointers.
constexpr int stack_bytes = 16'384;
constexpr int profile_products = 1000;
constexpr int profile_stock = 1'000'000;
constexpr double width = 1600;
constexpr double row_height = 16;
constexpr double narrowest = 0.4;
constexpr double letter_width = 6.2;

std::size_t depth_of(const frame& f) {
  std::size_t deepest = 0;
  for (const auto& [name, callee] : f.callees) deepest = std::max(deepest, depth_of(*callee));
  return deepest + 1;
}

/// Warm colours for the program, grey for what has no symbol.
std::string colour_of(const std::string& name) {
  if (name == "[unknown]") return "#cccccc";
  const auto hash = std::hash<std::string>{}(name);
  if (name.find("stoa::") != std::string::npos) {
    return fmt::format("rgb(230,{},{})", 110 + hash % 70, 40 + hash % 40);
  }
  if (name.starts_with("sqlite3")) return fmt::format("rgb({},190,120)", 110 + hash % 60);
  return fmt::format("rgb({},{},215)", 130 + hash % 60, 150 + hash % 50);
}

class drawing {
 public:
  drawing(std::ostream& out, const frame& root)
      : out_(out), total_(root.samples), height_(row_height * double(depth_of(root) + 2)) {}

  double height() const { return height_; }
  void draw(const std::string& name, const frame& f, double x, std::size_t depth) {
    const double wide = width * double(f.samples) / double(total_);
    if (wide < narrowest) return;
    const double y = height_ - row_height * double(depth + 1);
    const auto letters = static_cast<std::size_t>(wide / letter_width);
    const auto shown = letters < 3 ? std::string() : name.substr(0, letters);
    out_ << fmt::format(
        R"(<g><title>{} ({:.1f} %, {} samples)</title><rect x="{:.1f}" y="{:.1f}" width="{:.1f}" )"
        R"(height="{:.0f}" fill="{}"/><text x="{:.1f}" y="{:.1f}">{}</text></g>)"
        "\n",
        escaped(name), 100 * double(f.samples) / double(total_), f.samples, x, y, wide,
        row_height - 1, colour_of(name), x + 2, y + 11, escaped(shown));
    for (const auto& [callee, called] : f.callees) {
      draw(callee, *called, x, depth + 1);
      x += width * double(called->samples) / double(total_);
    }
  }

 private:
  std::ostream& out_;
  const std::uint64_t total_;
  const double height_;
};

/// Samples the server during a load, and writes the flame graph. Empty: done; else the reason.
std::string profile(const profile_options& options, const std::string& name,
                    const test::environment& settings,
                    const std::function<figures(const run_options&)>& load) {
  const test::temp_dir folder;
  test::load_demo(options.program, folder / "data", profile_products, profile_stock);
  test::server server(
      {.program = options.program, .data = folder / "data", .settings = settings, .arguments = {}});
  server.start();
  const auto samples = folder / "samples";
  auto recorded = std::async(std::launch::async, [&] {
    return test::run_program(
        *test::system_program("perf"),
        {"record", "--quiet", "--call-graph", fmt::format("dwarf,{}", stack_bytes), "--freq",
         std::to_string(samples_per_second), "--pid", std::to_string(server.pid()), "--output",
         samples.string(), "--", "sleep", std::to_string(options.seconds)},
        {}, std::chrono::seconds{options.seconds + 60});
  });
  const auto done = load({.port = server.port(),
                          .concurrency = options.concurrency,
                          .seconds = options.seconds + 1,
                          .warmup_s = 0});
  const auto record = recorded.get();
  if (record.exit_code != 0) return "perf record: " + record.output;
  const auto script =
      test::run_program(*test::system_program("perf"),
                        {"script", "--input", samples.string(), "-F", "comm,ip,sym", "--no-inline"},
                        {}, std::chrono::seconds{600});
  if (script.exit_code != 0) return "perf script: " + script.output;
  frame root;
  std::istringstream lines(script.output);
  read_stacks(lines, root);
  if (root.samples == 0) return "perf has no samples of the server";
  std::filesystem::create_directories(options.folder);
  const auto file = options.folder / (name + ".svg");
  std::ofstream out(file);
  write_flame_graph(out, root,
                    fmt::format("{}: {} samples, {:.0f}/s, {} clients", done.name, root.samples,
                                done.per_second(), options.concurrency));
  fmt::print("{}: {} samples of {}\n", file.string(), root.samples, done.name);
  return out ? "" : "cannot write " + file.string();
}

}  // namespace

void read_stacks(std::istream& in, frame& root) {
  std::string thread;
  std::vector<std::string> stack;  // innermost first
  const auto add = [&] {
    if (!stack.empty()) {
      stack.push_back(thread);
      auto* at = &root;
      ++at->samples;
      for (auto name = stack.rbegin(); name != stack.rend(); ++name) {
        auto& callee = at->callees[*name];
        if (!callee) callee = std::make_unique<frame>();
        at = callee.get();
        ++at->samples;
      }
    }
    stack.clear();
  };
  for (std::string line; std::getline(in, line);) {
    const auto text = line.find_first_not_of(" \t");
    if (text == std::string::npos) {
      add();
    } else if (text == 0) {
      add();
      thread = line.substr(0, line.find_last_not_of(" \t") + 1);
    } else if (const auto symbol = line.find(' ', text); symbol != std::string::npos) {
      stack.push_back(line.substr(symbol + 1));
    }
  }
  add();
}

void write_flame_graph(std::ostream& out, const frame& root, const std::string& title) {
  drawing all(out, root);
  out << fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
                     R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="monospace" font-size="10">)"
                     "\n<style>rect:hover{{stroke:black}}</style>\n"
                     R"(<text x="4" y="14" font-size="13">{2}</text>)"
                     "\n",
                     width, all.height(), escaped(title));
  if (root.samples > 0) all.draw("all", root, 0, 0);
  out << "</svg>\n";
}

int run_profile(const profile_options& options) {
  if (!test::system_program("perf")) {
    fmt::print(stderr, "stoa-bench: perf is not installed (package linux-perf)\n");
    return 1;
  }
  // Each read is computed.
  const test::environment without_kept{{"STOA_LOG_LEVEL", "error"},
                                       {"STOA_HTTP_ANSWER_CACHE_BYTES", "0"}};
  for (const auto& reason :
       {profile(options, "purchase", {{"STOA_LOG_LEVEL", "error"}}, run_purchases),
        profile(options, "read", without_kept, run_reads)}) {
    if (reason.empty()) continue;
    fmt::print(stderr, "stoa-bench: {}\n", reason);
    return 1;
  }
  return 0;
}

}  // namespace stoa::bench
