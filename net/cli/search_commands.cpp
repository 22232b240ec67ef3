#include "net/cli/search_commands.hpp"

#include "actors/catalog/catalog_service.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/have.hpp"
#include "net/cli/offline_service.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/server_session.hpp"
#include "net/search/engine_update.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/utf8.hpp"

#include <cstdio>
#include <stdexcept>
#include <thread>

namespace stoa::cli {

namespace {

using catalog::build_state;
using catalog::search_build_view;
using catalog::search_index_view;

constexpr std::chrono::milliseconds build_look_interval{500};
/// Tolerates a server restart or a change of nodes by the load balancer.
constexpr int build_failures_max = 60;
/// After this time without progress a hint is printed.
constexpr std::chrono::seconds build_hint_after{15};

search_index_view index_at(server_session& session) {
  http_request q;
  q.target = "/admin/v1/search";
  const auto reply = session.call(std::move(q));
  auto view = json::read_lenient<search_index_view>(reply.body);
  if (reply.status != 200 || !view) throw std::runtime_error(reason_of(reply));
  return std::move(*view);
}

search_build_view begin_build(server_session& session, bool restart) {
  http_request q;
  q.method = "POST";
  q.target = "/admin/v1/search/reindex";
  q.body = restart ? R"({"restart":true})" : "{}";
  const auto reply = session.call(std::move(q));
  auto view = json::read_lenient<search_build_view>(reply.body);
  if (reply.status != 202 || !view) throw std::runtime_error(reason_of(reply));
  return std::move(*view);
}

/// Prints the hint once.
class progress_hint {
 public:
  void see(std::int64_t products) {
    const auto now = std::chrono::steady_clock::now();
    if (products != products_) since_ = now;
    products_ = products;
    if (told_ || now - since_ < build_hint_after) return;
    told_ = true;
    std::fprintf(stderr,
                 "stoa: no progress; the server's log has the reason. The build continues when the "
                 "engine responds\n");
  }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  std::int64_t products_ = -1;
  bool told_ = false;
};

/// Polls until the build has ended.
search_build_view follow_build(server_session& session, search_build_view build) {
  progress_bar bar("indexing", static_cast<std::uint64_t>(build.products_total.value_or(0)),
                   progress_bar::unit::products);
  progress_hint hint;
  for (int failures = 0; build.state == build_state::running;) {
    bar.update(static_cast<std::uint64_t>(build.products));
    hint.see(build.products);
    std::this_thread::sleep_for(build_look_interval);
    std::optional<search_build_view> now;
    try {
      now = index_at(session).build.value;
      failures = 0;
    } catch (const access_refused&) {
      throw;
    } catch (const std::exception&) {
      if (++failures == build_failures_max) throw;
      continue;
    }
    if (!now || now->index != build.index) {
      throw std::runtime_error("another build has replaced this one");
    }
    build = std::move(*now);
  }
  return build;
}

int print_build(const search_build_view& build) {
  if (build.state == build_state::completed) {
    std::printf("index %s: %lld products\n", printable(build.index).c_str(),
                static_cast<long long>(build.products));
    return exit_done;
  }
  std::fprintf(stderr, "stoa: the index %s was not built: %s\n", printable(build.index).c_str(),
               printable(build.error.value_or("")).c_str());
  return exit_failed;
}

int reindex_at_server(const reindex_options& o) {
  return in_session(o.server, [&](server_session& session) {
    auto build = begin_build(session, o.restart);
    std::fprintf(stderr, "index %s\n", printable(build.index).c_str());
    if (o.no_wait) return exit_done;
    build = follow_build(session, std::move(build));
    return print_build(build);
  });
}

/// The catalogue of a store that is not being served.
class offline_source final : public search::engine_source {
 public:
  using catalog_here = offline_service<catalog::catalog_service>;

  explicit offline_source(catalog_here& service)
      : service_(service), bar_("indexing", 0, progress_bar::unit::products) {}

  catalog::engine_batch next(bool with_changes) override {
    auto batch = have(service_.read(catalog::get_engine_batch{with_changes}));
    if (batch.fill) bar_.update(static_cast<std::uint64_t>(batch.fill->products));
    return batch;
  }
  void report(catalog::report_engine accepted) override { run(std::move(accepted)); }

  template <class Command>
  void run(Command command) {
    std::optional<problem> error;
    service_.add(std::move(command), [&](const kernel::answer& a) { error = a.error; });
    service_.flush();
    if (error) throw std::runtime_error(error->detail);
  }
  void clear() { bar_.clear(); }

 private:
  catalog_here& service_;
  progress_bar bar_;
};

int reindex_here(const settings& s, const reindex_options& o) {
  if (s.search.engine == "builtin") {
    std::fprintf(stderr, "stoa: the store has no search engine (search.engine)\n");
    return exit_usage;
  }
  const auto engine = have(search::engine_options_of(s.search, nullptr), "the search engine");
  offline_source::catalog_here service(s, catalog::catalog_service(catalog::options_of(s)));
  offline_source source(service);
  if (!catalog::read_engine_clock(service.database()).active) {
    source.run(catalog::set_engine{true});
  }
  const auto last = catalog::read_engine_build(service.database());
  const bool resumes = last && last->state == build_state::running && !o.restart;
  if (!resumes) source.run(catalog::start_reindex{true});
  search::engine_metrics metrics(nullptr);
  search::engine_client client(engine, "search_index", metrics);
  const std::atomic<bool> stopping{false};
  search::engine_update(source, client, engine.alias, metrics, stopping).run();
  source.clear();
  const auto view = have(service.read(catalog::get_search_index{}));
  return print_build(*view.build.value);
}

}  // namespace

int run_reindex(const settings& s, const reindex_options& o) {
  if (!o.server.url.empty()) return reindex_at_server(o);
  if (o.no_wait) {
    std::fprintf(stderr, "stoa: --no-wait needs --url\n");
    return exit_usage;
  }
  return reindex_here(s, o);
}

int run_search_status(const search_status_options& o) {
  return in_session(o.server, [&](server_session& session) {
    const auto view = index_at(session);
    const auto& build = view.build.value;
    const bool failed = build && build->state == build_state::failed;
    if (o.json) {
      std::printf("%s\n", json::write(view).c_str());
      return failed ? exit_partly : exit_done;
    }
    std::printf("engine: %s\n", printable(view.engine).c_str());
    if (view.alias.value) std::printf("alias: %s\n", printable(*view.alias.value).c_str());
    std::printf("outdated products: %lld%s\n", static_cast<long long>(view.queued),
                view.queued >= catalog::engine_queue_count_max ? " or more" : "");
    if (!build) {
      std::printf("last build: none\n");
      return exit_done;
    }
    std::printf("last build: %s, %s, %lld products%s%s\n", printable(build->index).c_str(),
                std::string(enum_name(build->state)).c_str(),
                static_cast<long long>(build->products), build->error ? ": " : "",
                printable(build->error.value_or("")).c_str());
    return failed ? exit_partly : exit_done;
  });
}

}  // namespace stoa::cli
