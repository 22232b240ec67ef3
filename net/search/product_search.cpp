#include "net/search/product_search.hpp"

#include "config/log.hpp"

namespace stoa::search {

namespace {

/// Below this rest of the time no second search is begun.
constexpr std::chrono::milliseconds second_search_min{5};

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

void product_search::ask(const std::shared_ptr<const engine_search>& s, clock::time_point until,
                         callback done) {
  engine_request r;
  r.operation = "search";
  r.method = "POST";
  r.path = "/" + options_.alias + "/_search?allow_partial_search_results=false";
  r.body = query_body(*s);
  r.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
  r.response_bytes_max = hits_bytes_max;
  client_.call(std::move(r), [this, s, until, done = std::move(done)](const engine_reply& reply) {
    auto hits = judge(reply, *s);
    if (!hits) return done(std::nullopt);
    const bool nothing = hits->found.empty() && !s->after && !s->similar;
    if (!nothing || until - clock::now() < second_search_min) {
      return done(search_answer{std::move(*hits), s->similar});
    }
    auto second = std::make_shared<engine_search>(*s);
    second->similar = true;
    ask(second, until, done);
  });
}

std::optional<engine_hits> product_search::judge(const engine_reply& reply,
                                                 const engine_search& s) {
  std::string fault = reply.fault;
  if (reply.ok()) {
    auto hits = read_hits(reply.body, s);
    if (hits) {
      note(gate_.succeeded(), {});
      return std::move(*hits);
    }
    fault = hits.error().detail;
  } else if (is_of_search(reply.status)) {
    note(gate_.succeeded(), {});
    log::warn("the search engine rejects a search", {{"error", fault}});
    return std::nullopt;
  }
  note(gate_.failed(clock::now(), is_lasting(reply.status)), fault);
  return std::nullopt;
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
