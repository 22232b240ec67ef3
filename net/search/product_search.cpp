#include "net/search/product_search.hpp"

#include "actors/catalog/facet_filter.hpp"
#include "config/log.hpp"

namespace stoa::search {

namespace {

/// Below this rest of the time no further request is begun.
constexpr std::chrono::milliseconds next_search_min{5};

/// The engine works, but rejects this search.
bool is_of_search(int status) {
  return status == 400 || status == 413 || status == 422;
}
/// A retry fails until someone changes something.
bool is_lasting(int status) {
  return status == 401 || status == 403 || status == 404;
}

}  // namespace

product_search::product_search(engine_options options, std::shared_ptr<engine_metrics> metrics)
    : options_(std::move(options)),
      metrics_(std::move(metrics)),
      client_(options_, "search", *metrics_) {}

void product_search::find(engine_search s, callback done) {
  if (!gate_.enter(clock::now())) return done(std::nullopt);
  ask(std::make_shared<const engine_search>(std::move(s)), clock::now() + options_.timeout,
      std::move(done));
}

void product_search::send(const engine_search& s, clock::time_point until,
                          std::function<void(const engine_reply&)> done) {
  engine_request r;
  r.operation = "search";
  r.method = "POST";
  r.path = "/" + options_.alias + "/_search?allow_partial_search_results=false";
  r.body = query_body(s);
  r.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
  r.response_bytes_max = response_bytes_max(s);
  client_.call(std::move(r), std::move(done));
}

void product_search::ask(const std::shared_ptr<const engine_search>& s, clock::time_point until,
                         callback done) {
  send(*s, until, [this, s, until, done = std::move(done)](const engine_reply& reply) {
    auto hits = judge(reply, *s);
    if (!hits || hits->inexact) return done(std::nullopt);
    const bool is_late = until - clock::now() < next_search_min;
    const bool nothing = hits->found.empty() && !s->after && !s->similar;
    if (nothing && !is_late) {
      auto second = std::make_shared<engine_search>(*s);
      second->similar = true;
      return ask(second, until, done);
    }
    search_answer answer{std::move(*hits), s->similar};
    if (!answer.hits.prices) return done(std::move(answer));
    if (is_late) return done(std::nullopt);
    ask_bands(*s, std::move(answer), until, done);
  });
}

void product_search::ask_bands(const engine_search& s, search_answer answer,
                               clock::time_point until, callback done) {
  const auto [least, most] = *answer.hits.prices;
  auto bands = std::make_shared<engine_search>(s);
  bands->band_width = catalog::band_width(least, most, catalog::price_bands_max);
  bands->after.reset();
  bands->count = false;
  auto known = std::make_shared<search_answer>(std::move(answer));
  send(*bands, until, [this, bands, known, done = std::move(done)](const engine_reply& reply) {
    std::optional<std::string> fault;
    if (reply.ok()) {
      if (auto bad = read_price_bands(reply.body, *bands, known->hits)) fault = bad->detail;
    }
    if (!accept(reply, fault)) return done(std::nullopt);
    done(std::move(*known));
  });
}

std::optional<engine_hits> product_search::judge(const engine_reply& reply,
                                                 const engine_search& s) {
  if (!reply.ok()) {
    accept(reply, std::nullopt);
    return std::nullopt;
  }
  auto hits = read_hits(reply.body, s);
  if (!accept(reply, hits ? std::nullopt : std::optional(hits.error().detail))) return std::nullopt;
  return std::move(*hits);
}

bool product_search::accept(const engine_reply& reply,
                            const std::optional<std::string>& unreadable) {
  if (reply.ok() && !unreadable) {
    note(gate_.succeeded(), {});
    return true;
  }
  if (is_of_search(reply.status)) {
    note(gate_.succeeded(), {});
    log::warn("the search engine rejects a search", {{"error", reply.fault}});
    return false;
  }
  note(gate_.failed(clock::now(), is_lasting(reply.status)), unreadable.value_or(reply.fault));
  return false;
}

void product_search::note(engine_gate::change c, const std::string& fault) {
  if (c == engine_gate::change::none) return;
  const bool lost = c == engine_gate::change::lost;
  metrics_->available(!lost);
  if (lost) {
    log::warn("the search engine is not available; the built-in search answers",
              {{"error", fault}});
  } else {
    log::info("the search engine is available again");
  }
}

}  // namespace stoa::search
