#include "actors/catalog/import_job_messages.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/remote_catalog.hpp"
#include "net/shopify/file_formats.hpp"
#include "storage/base/json_read.hpp"

#include <cstdio>
#include <thread>

namespace stoa::cli {

namespace {

constexpr std::chrono::minutes upload_limit{5};
constexpr std::chrono::milliseconds import_look_interval{500};
/// Tolerates a server restart or a change of nodes by the load balancer.
constexpr int failures_max = 60;

catalog::import_view view_of(const http_reply& reply, int expected) {
  auto view = json::read_lenient<catalog::import_view>(reply.body);
  if (reply.status != expected || !view) throw std::runtime_error(reason_of(reply));
  return std::move(*view);
}

catalog::import_view start(server_session& session, const import_options& o, std::string text) {
  http_request q;
  q.method = "POST";
  q.target = "/admin/v1/imports?format=" + std::string(enum_name(o.format)) +
             "&set_stock=" + (o.set_stock ? "true" : "false") +
             "&dry_run=" + (o.dry_run ? "true" : "false");
  q.content_type = shopify::traits_of(o.format).content_type;
  q.body = std::move(text);
  return view_of(session.call(std::move(q), upload_limit), 202);
}

bool is_open(const catalog::import_view& v) {
  using catalog::import_state;
  return v.state == import_state::receiving || v.state == import_state::queued ||
         v.state == import_state::running;
}

/// Polls the job until it has finished.
catalog::import_view follow(server_session& session, catalog::import_view view) {
  progress_bar bar("importing", 0, progress_bar::unit::products);
  for (int failures = 0; is_open(view);) {
    const auto& p = view.products;
    bar.update(static_cast<std::uint64_t>(p.created + p.updated + p.unchanged + p.rejected));
    std::this_thread::sleep_for(import_look_interval);
    http_request q;
    q.target = "/admin/v1/imports/" + view.import_id.str();
    try {
      const auto reply = session.call(std::move(q));
      if (!is_final(reply) && reply.status != 200) throw std::runtime_error(reason_of(reply));
      view = view_of(reply, 200);
      failures = 0;
    } catch (const access_refused&) {
      throw;
    } catch (const std::exception&) {
      if (++failures == failures_max) throw;
    }
  }
  return view;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

void print_report(const std::string& name, const catalog::import_view& v) {
  if (!v.columns_updated.empty()) {
    std::printf("%s: sets %s\n", name.c_str(), joined(v.columns_updated).c_str());
  }
  if (!v.columns_kept.empty()) {
    std::printf("%s: keeps %s\n", name.c_str(), joined(v.columns_kept).c_str());
  }
  for (const auto& line : v.changes) std::printf("%s: %s\n", name.c_str(), printable(line).c_str());
  for (const auto& p : v.problems) {
    std::string text;
    if (!p.column.empty()) text += "column \"" + p.column + "\": ";
    if (!p.value.empty()) text += "\"" + p.value + "\": ";
    if (p.pointer && !p.pointer->empty()) text += *p.pointer + ": ";
    std::fprintf(stderr, "%s:%lld: %s%s\n", name.c_str(), static_cast<long long>(p.line),
                 p.rejected ? "" : "warning: ", printable(text + p.reason).c_str());
  }
}

void print_counts(const std::string& name, const catalog::import_view& v) {
  const auto& format = shopify::traits_of(v.format);
  const auto& p = v.products;
  std::printf("%s: %s%lld created, %lld updated, %lld unchanged; %lld %s read, %lld not imported",
              name.c_str(), v.dry_run ? "dry run: " : "", static_cast<long long>(p.created),
              static_cast<long long>(p.updated), static_cast<long long>(p.unchanged),
              static_cast<long long>(v.rows), std::string(format.rows).c_str(),
              static_cast<long long>(v.rows_rejected));
  if (p.rejected > 0) {
    std::printf(", %lld %s rejected", static_cast<long long>(p.rejected),
                std::string(format.objects).c_str());
  }
  if (v.warnings > 0) std::printf(", %lld warnings", static_cast<long long>(v.warnings));
  std::printf("\n");
}

int exit_code_of(const catalog::import_view& v) {
  const auto& p = v.products;
  if (v.state != catalog::import_state::completed) return exit_failed;
  if (p.rejected == 0 && v.rows_rejected == 0) return exit_done;
  return p.created + p.updated + p.unchanged == 0 ? exit_failed : exit_partly;
}

}  // namespace

int import_at_server(const import_options& o, const std::string& file_name, std::string text) {
  auto session = open_session(o.server);
  if (!session) {
    std::fprintf(stderr, "stoa: %s\n", printable(session.error().detail).c_str());
    return exit_usage;
  }
  try {
    auto view = start(**session, o, std::move(text));
    std::fprintf(stderr, "import %s\n", view.import_id.str().c_str());
    view = follow(**session, std::move(view));
    print_report(file_name, view);
    print_counts(file_name, view);
    if (view.state != catalog::import_state::completed) {
      std::fprintf(stderr, "stoa: the import is %s%s%s\n",
                   std::string(enum_name(view.state)).c_str(), view.error ? ": " : "",
                   printable(view.error.value_or("")).c_str());
    }
    return exit_code_of(view);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stoa: %s\n", printable(e.what()).c_str());
    return exit_failed;
  }
}

}  // namespace stoa::cli
