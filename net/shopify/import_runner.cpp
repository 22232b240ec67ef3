#include "net/shopify/import_runner.hpp"

#include "actors/catalog/import_job_messages.hpp"
#include "actors/catalog/line_types.hpp"
#include "config/log.hpp"
#include "net/shopify/catalog_loader.hpp"
#include "net/shopify/import_metrics.hpp"
#include "net/shopify/job_thread.hpp"
#include "net/shopify/line_loader.hpp"
#include "net/shopify/node_catalog.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/text.hpp"

#include <istream>
#include <streambuf>

namespace stoa::shopify {

namespace {

using catalog::import_state;

constexpr std::size_t value_bytes_max = 200;
constexpr std::chrono::seconds report_interval{1};

/// Streams the file from its parts in the database.
class stored_file final : public std::streambuf {
 public:
  stored_file(service_calls& calls, stoa::import_id id, std::int64_t parts)
      : calls_(calls), id_(id), parts_(parts) {}

 protected:
  int_type underflow() override {
    if (next_ == parts_) return traits_type::eof();
    auto a = calls_.query(kernel::any_message::of(catalog::get_import_part{id_, next_++}));
    if (a.error) throw std::runtime_error("cannot read the file: " + a.error->detail);
    const auto& part = *static_cast<const catalog::import_part*>(a.value.get());
    auto bytes = part.content ? text::from_base64url(*part.content) : std::nullopt;
    if (!bytes || bytes->empty()) throw std::runtime_error("the file is incomplete");
    content_ = std::move(*bytes);
    setg(content_.data(), content_.data(), content_.data() + content_.size());
    return traits_type::to_int_type(content_.front());
  }

 private:
  service_calls& calls_;
  stoa::import_id id_;
  std::int64_t parts_;
  std::int64_t next_ = 0;
  std::string content_;
};

std::string short_text(const std::string& text) {
  if (text.size() <= value_bytes_max) return text;
  const std::string_view begin(text.data(), value_bytes_max);
  return std::string(begin.substr(0, text::utf8_prefix(begin))) + "...";
}

/// Collects the report of an import job.
class job_report final : public load_report, public line_report {
 public:
  explicit job_report(catalog::report_import& into) : into_(into) {}

  void add(const row_error& e) {
    list({static_cast<std::int64_t>(e.line), e.column, short_text(e.value), short_text(e.reason),
          e.row_skipped});
  }
  void refused(const loaded_product& p, const std::string& why) override {
    list({static_cast<std::int64_t>(p.line), "", short_text(p.handle), short_text(why), true});
  }
  void note(const loaded_product& p, const std::string& what) override {
    list({static_cast<std::int64_t>(p.line), "", short_text(p.handle), short_text(what), false});
  }
  void changes(const loaded_product& p, const catalog::import_answer& answer) override {
    add_changes(p.handle, answer);
  }
  void refused(const loaded_line& line, const problem& why) override {
    // A file may have millions of such lines.
    if (rejected_ == catalog::import_problems_max) return;
    if (line.product) return refused(*line.product, why);
    for (auto& e : errors_of(why)) {
      list({static_cast<std::int64_t>(line.line), "", short_text(line.object), short_text(e.detail),
            true, why.errors.empty() ? std::nullopt : std::optional(short_text(e.pointer)),
            std::move(e.code)});
    }
  }
  void note(const loaded_line& line, const std::string& what) override {
    list({static_cast<std::int64_t>(line.line), "", short_text(line.object), short_text(what),
          false});
  }
  void changes(const loaded_line& line, const catalog::import_answer& answer) override {
    add_changes(line.object, answer);
  }

 private:
  void refused(const product_csv::product_rows& p, const problem& why) {
    for (auto& e : product_csv::errors_of(p, why)) {
      list({static_cast<std::int64_t>(e.line), std::move(e.column), short_text(e.value),
            short_text(e.reason), true, std::nullopt, std::move(e.code)});
    }
  }
  void add_changes(const std::string& object, const catalog::import_answer& answer) {
    if (answer.outcome == catalog::import_outcome::unchanged) return;
    const bool created = answer.outcome == catalog::import_outcome::created;
    change(object + (created ? ": created" : ": updated"));
    for (const auto& c : answer.changes) {
      change(object + (c.variant ? " [" + *c.variant + "]" : "") + ": " + c.field + ": \"" +
             short_text(c.before) + "\" -> \"" + short_text(c.after) + "\"");
    }
  }
  void list(catalog::import_problem p) {
    if (!p.rejected) ++into_.warnings;
    auto& listed = p.rejected ? rejected_ : warnings_;
    if (listed == catalog::import_problems_max) return;
    ++listed;
    into_.report.problems.push_back(std::move(p));
  }
  void change(std::string line) {
    auto& all = into_.report.changes;
    if (all.size() < catalog::import_changes_max) all.push_back(std::move(line));
  }

  catalog::report_import& into_;
  std::size_t rejected_ = 0;
  std::size_t warnings_ = 0;
};

/// One run of an import.
class import_run {
 public:
  import_run(service_calls& calls, stoa::import_id id, std::string currency)
      : calls_(calls), currency_(std::move(currency)) {
    state_.import_id = id;
    state_.run = system_ids().next_v4().str();
  }

  void run() {
    const auto start = ask<catalog::begin_import>({state_.import_id, state_.run});
    if (!start.proceed) return;
    kernel::caller who;
    who.kind = kernel::caller_kind::user;
    who.user = start.created_by;
    who.user_role = kernel::role::staff;
    log::info("import started", {{"import_id", state_.import_id.str()}});
    try {
      calls_.act_as(who);
      (this->*load_of(start.format))(start);
      state_.outcome = import_state::completed;
    } catch (const std::exception& e) {
      state_.outcome = import_state::failed;
      state_.error = e.what();
    }
    calls_.act_as_system();
    report();
    log::info("import ended", {{"import_id", state_.import_id.str()},
                               {"state", enum_name(*state_.outcome)},
                               {"products", total(state_.products)},
                               {"rejected", state_.products.rejected}});
  }

 private:
  static std::int64_t total(const catalog::import_products& p) {
    return p.created + p.updated + p.unchanged + p.rejected;
  }

  template <class Command>
  typename Command::reply ask(Command c) {
    auto a = calls_.command(kernel::any_message::of(std::move(c)));
    if (a.error) throw std::runtime_error(a.error->detail);
    return std::move(*static_cast<typename Command::reply*>(a.value.get()));
  }

  void report() {
    if (!ask(state_).proceed && !state_.outcome) throw import_ended{};
  }

  using load = void (import_run::*)(const catalog::import_start&);
  static load load_of(catalog::file_format format) {
    switch (format) {
      case catalog::file_format::shopify:
        return &import_run::load_shopify;
      case catalog::file_format::jsonl:
        return &import_run::load_lines;
      case catalog::file_format::csv:
        return &import_run::load_products;
    }
    throw std::logic_error("a file format without a run");
  }

  void load_shopify(const catalog::import_start& start) {
    stored_file file(calls_, state_.import_id, start.parts);
    std::istream in(&file);
    in.exceptions(std::ios::badbit);  // rethrows exceptions of stored_file
    reader from(in, currency_);
    if (!from.fatal().empty()) throw std::runtime_error(from.fatal());
    state_.report.columns_updated = from.columns().updated();
    state_.report.columns_kept = from.columns().kept();
    job_report report_of(state_);
    node_catalog target(calls_);
    mapping_options options{currency_, start.set_stock, start.dry_run, from.columns()};
    options.doubled = std::make_shared<const duplicate_skus>(doubled_in(start.parts));
    // A dry run writes nothing, so its counts cannot be stored atomically with the changes.
    state_.counted = !start.dry_run;
    if (state_.counted) options.step = catalog::import_step{state_.import_id, state_.run, 0};
    catalog_loader loader(target, std::move(options), report_of);
    try {
      load_all(from, loader, report_of);
    } catch (const import_ended&) {
      loader.finish();  // sets the SKUs of imported products
      throw;
    }
  }

  void load_lines(const catalog::import_start& start) {
    stored_file file(calls_, state_.import_id, start.parts);
    std::istream in(&file);
    line_splitter from(in);
    load_each(start, [&](line_loader& loader) { return loader.add_next(from); });
  }

  /// Stoa's product CSV. A file whose structure is damaged is not imported at all: the variants of
  /// a product are those of the file, so a row that is not where it belongs would remove one.
  void load_products(const catalog::import_start& start) {
    check_structure(start.parts);
    stored_file file(calls_, state_.import_id, start.parts);
    std::istream in(&file);
    in.exceptions(std::ios::badbit);
    product_csv::product_reader from(in, currency_);
    if (!from.fatal().empty()) throw std::runtime_error(from.fatal());
    state_.report.columns_updated = from.columns().names();
    load_each(start, [&](line_loader& loader) { return loader.add_next(from); });
  }

  void check_structure(std::int64_t parts) {
    stored_file file(calls_, state_.import_id, parts);
    std::istream in(&file);
    in.exceptions(std::ios::badbit);
    if (const auto bad = product_csv::structure_error(in)) throw std::runtime_error(*bad);
  }

  /// `add_next`: imports the next object with the loader; false at the end of the file.
  template <class Add>
  void load_each(const catalog::import_start& start, const Add& add_next) {
    job_report report_of(state_);
    node_catalog target(calls_);
    line_options options{start.set_stock, start.dry_run};
    state_.counted = !start.dry_run;
    if (state_.counted) options.step = catalog::import_step{state_.import_id, state_.run, 0};
    line_loader loader(target, std::move(options), report_of);
    std::size_t reported = 0;
    const auto take = [&] {
      take_counts(loader.counts());
      state_.rows = static_cast<std::int64_t>(loader.rows());
      state_.rows_rejected = static_cast<std::int64_t>(loader.rows_refused());
    };
    auto due = std::chrono::steady_clock::now() + report_interval;
    while (add_next(loader)) {
      take();
      // Rejected lines are quick: they are reported at an interval, in which a cancelled import is
      // noticed, too.
      const auto accepted = loader.counts().all() - loader.counts().refused;
      if (accepted == reported && std::chrono::steady_clock::now() < due) continue;
      reported = accepted;
      report();
      due = std::chrono::steady_clock::now() + report_interval;
    }
    loader.flush();
    take();
  }

  duplicate_skus doubled_in(std::int64_t parts) {
    stored_file file(calls_, state_.import_id, parts);
    std::istream in(&file);
    in.exceptions(std::ios::badbit);
    reader from(in, currency_);
    return duplicate_skus(from);
  }

  void load_all(reader& from, catalog_loader& loader, job_report& report_of) {
    std::size_t reported = 0;
    while (auto product = from.next()) {
      take_errors(from, report_of);
      loader.add(*product);
      take_counts(from, loader);
      if (loader.counts().all() == reported) continue;
      reported = loader.counts().all();
      report();
    }
    take_errors(from, report_of);
    loader.finish();
    take_counts(from, loader);
  }

  static void take_errors(reader& from, job_report& into) {
    for (const auto& e : from.errors()) into.add(e);
    from.errors().clear();
  }

  /// Totals of the whole file; the catalogue ignores products that an earlier run has counted.
  void take_counts(reader& from, const catalog_loader& loader) {
    take_counts(loader.counts());
    const auto& read = from.statistics();
    state_.rows = static_cast<std::int64_t>(read.rows);
    state_.rows_rejected = static_cast<std::int64_t>(read.rows_skipped);
  }

  void take_counts(const load_counts& c) {
    state_.products = {static_cast<std::int64_t>(c.created), static_cast<std::int64_t>(c.updated),
                       static_cast<std::int64_t>(c.unchanged),
                       static_cast<std::int64_t>(c.refused)};
  }

  service_calls& calls_;
  std::string currency_;
  catalog::report_import state_;
};

void run_one(service_calls& calls, stoa::import_id id, const std::string& currency) {
  try {
    import_run(calls, id, currency).run();
  } catch (const import_ended&) {
    log::info("import taken over or cancelled", {{"import_id", id.str()}});
  } catch (const std::exception& e) {
    log::error("cannot run import", {{"import_id", id.str()}, {"error", std::string(e.what())}});
  }
}

/// An import runs on this node while this exists. The metrics may be null.
class import_scope {
 public:
  explicit import_scope(import_metrics* of) : of_(of) {
    if (of_) of_->begun();
  }
  ~import_scope() {
    if (of_) of_->left();
  }
  import_scope(const import_scope&) = delete;
  import_scope& operator=(const import_scope&) = delete;

 private:
  import_metrics* of_;
};

class runner final : public kernel::effect_runner {
 public:
  explicit runner(import_runner_options options)
      : options_(std::move(options)), thread_(options_.port) {}

  void start(const kernel::any_message& effect, timestamp) override {
    if (effect.kind() == &kernel::kind_of<catalog::count_import>() && options_.metrics) {
      options_.metrics->ended(effect.as<catalog::count_import>());
    }
    if (effect.kind() != &kernel::kind_of<catalog::run_import>()) return;
    thread_.start([options = options_,
                   id = effect.as<catalog::run_import>().import_id](service_calls& calls) {
      const import_scope scope(options.metrics.get());
      run_one(calls, id, options.currency);
    });
  }
  void tick(timestamp) override {}
  std::size_t under_way() const override { return thread_.is_busy() ? 1 : 0; }

 private:
  import_runner_options options_;
  job_thread thread_;
};

}  // namespace

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> import_runner(
    import_runner_options options) {
  return [options = std::move(options)](
             const kernel::command_sink&) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(options);
  };
}

}  // namespace stoa::shopify
