#include "net/search/engine_update.hpp"

#include "config/log.hpp"
#include "net/search/engine_index.hpp"

#include <algorithm>
#include <optional>

namespace stoa::search {

namespace {

using catalog::build_state;

constexpr std::chrono::milliseconds bulk_timeout{30'000};
constexpr std::chrono::milliseconds admin_timeout{30'000};

/// A request that the engine will reject again.
bool is_rejection(const engine_reply& r) {
  return r.status >= 400 && r.status < 500 && r.status != 401 && r.status != 403 &&
         r.status != 408 && r.status != 429;
}

}  // namespace

engine_reply engine_update::ask(std::string method, std::string path, std::string body) {
  engine_request r;
  r.operation = "index";
  r.method = std::move(method);
  r.path = std::move(path);
  r.body = std::move(body);
  r.timeout = admin_timeout;
  return client_.wait(std::move(r), stopping_);
}

engine_reply engine_update::need(const char* what, std::string method, std::string path,
                                 std::string body, int accepted) {
  auto reply = ask(std::move(method), std::move(path), std::move(body));
  if (!reply.ok() && reply.status != accepted) {
    throw engine_failure(std::string("cannot ") + what + ": " + reply.fault);
  }
  return reply;
}

void engine_update::find_serving() {
  serving_.clear();
  const auto reply = need("find the index", "GET", "/_alias/" + alias_, {}, 404);
  if (reply.status == 404) return;
  auto names = read_index_names(reply.body);
  if (!names) throw engine_failure("cannot find the index: " + names.error().detail);
  if (names->empty()) return;
  const auto mapping = need("read the mapping", "GET", "/" + alias_ + "/_mapping");
  const auto version = read_mapping_version(mapping.body);
  if (!version) throw engine_failure("cannot read the mapping: " + version.error().detail);
  serving_ = std::move(*names);
  if (*version != mapping_version) {
    throw no_index("the index " + serving_.front() +
                   " has another mapping than this version: run stoa search reindex");
  }
}

bool engine_update::exists(const std::string& index) {
  return need("find the new index", "GET", "/" + index + "/_alias", {}, 404).ok();
}

bool engine_update::prepare(const catalog::engine_fill& fill) {
  if (prepared_ == fill.index_name) return true;
  if (!exists(fill.index_name)) {
    if (fill.begun) {
      fail_build(fill.index_name, "the index was deleted while it was being built");
      return false;
    }
    // An earlier build that has not ended left its index, and the alias to write to.
    delete_old(fill.index_name);
    const auto made = ask("PUT", "/" + fill.index_name, index_body(alias_));
    if (is_rejection(made)) {
      fail_build(fill.index_name, "cannot create the index: " + made.fault);
      return false;
    }
    if (!made.ok()) throw engine_failure("cannot create the index: " + made.fault);
    log::info("building a search index", {{"index", fill.index_name}});
  }
  prepared_ = fill.index_name;
  return true;
}

void engine_update::delete_old(const std::string& keep) {
  const auto reply = need("list the indexes", "GET", "/" + alias_ + "-*/_alias", {}, 404);
  if (reply.status == 404) return;
  const auto names = read_index_names(reply.body);
  if (!names) throw engine_failure("cannot list the indexes: " + names.error().detail);
  for (const auto& name : *names) {
    if (name == keep || !is_own_index(name, alias_)) continue;
    if (std::ranges::find(serving_, name) != serving_.end()) continue;
    need("delete an old index", "DELETE", "/" + name, {}, 404);
    log::info("deleted an old search index", {{"index", name}});
  }
}

void engine_update::finish(const catalog::engine_fill& fill) {
  const auto& name = fill.index_name;
  if (!exists(name)) return fail_build(name, "the index was deleted while it was being built");
  need("refresh the new index", "POST", "/" + name + "/_refresh");
  const auto switched = ask("POST", "/_aliases", switch_body(alias_, name, serving_));
  if (is_rejection(switched)) {
    return fail_build(name, "cannot switch the alias: " + switched.fault);
  }
  if (!switched.ok()) throw engine_failure("cannot switch the alias: " + switched.fault);
  serving_ = {name};
  delete_old(name);
  catalog::report_engine done;
  done.build = catalog::build_progress{name, std::nullopt, 0, build_state::completed, {}};
  source_.report(std::move(done));
  log::info("the search index was switched", {{"index", name}, {"products", fill.products}});
}

void engine_update::fail_build(const std::string& index, const std::string& why) {
  log::error("the search index cannot be built", {{"index", index}, {"error", why}});
  catalog::report_engine failed;
  failed.build = catalog::build_progress{index, std::nullopt, 0, build_state::failed, why};
  source_.report(std::move(failed));
  if (std::ranges::find(serving_, index) == serving_.end()) {
    need("delete the index", "DELETE", "/" + index, {}, 404);
  }
}

engine_update::bulk engine_update::bulk_of(const catalog::engine_batch& batch) const {
  const auto building = building_alias(alias_);
  bulk all;
  const auto add = [&](const std::string& to, const catalog::engine_change& c) {
    if (c.document) {
      append_document(all.body, to, *c.document, batch.version);
    } else {
      append_removal(all.body, to, c.product_id, batch.version);
    }
  };
  for (std::size_t i = 0; i < batch.changes.size(); ++i) {
    if (!serving_.empty()) {
      add(alias_, batch.changes[i]);
      all.actions.push_back({false, i});
    }
    if (batch.fill) {
      add(building, batch.changes[i]);
      all.actions.push_back({true, i});
    }
  }
  if (!batch.fill) return all;
  for (const auto& d : batch.fill->documents) {
    append_document(all.body, building, d, batch.version);
    all.actions.push_back({true, std::nullopt});
  }
  return all;
}

std::vector<bulk_item> engine_update::post(bulk all) {
  if (all.actions.empty()) return {};
  engine_request r;
  r.operation = "bulk";
  r.method = "POST";
  r.path = "/_bulk";
  r.body = std::move(all.body);
  r.content_type = "application/x-ndjson";
  r.timeout = bulk_timeout;
  r.response_bytes_max = bulk_bytes_max;
  const auto reply = client_.wait(std::move(r), stopping_);
  if (!reply.ok()) throw engine_failure("documents were not accepted: " + reply.fault);
  auto items = read_bulk(reply.body, all.actions.size());
  if (!items) throw engine_failure("documents were not accepted: " + items.error().detail);
  return std::move(*items);
}

engine_update::verdict engine_update::judge(const catalog::engine_batch& batch,
                                            const std::vector<action>& actions,
                                            const std::vector<bulk_item>& items) const {
  verdict v;
  v.open.resize(batch.changes.size(), false);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i];
    const auto& a = actions[i];
    if (item.outcome == bulk_outcome::accepted) continue;
    if (a.building && item.outcome != bulk_outcome::later) {
      v.build_fault = item.reason;
      return v;
    }
    if (item.outcome == bulk_outcome::rejected) {
      // A retry would not help, and other changes must not wait for it.
      ++v.rejected;
      log::warn(
          "the search engine rejects a product",
          {{"product_id", batch.changes[*a.change].product_id.str()}, {"error", item.reason}});
      continue;
    }
    v.later = item.reason;
    if (a.change) v.open[*a.change] = true;
    if (!a.change) v.fill_open = true;
  }
  return v;
}

void engine_update::send(const catalog::engine_batch& batch) {
  auto all = bulk_of(batch);
  const auto actions = all.actions;
  const auto items = post(std::move(all));
  const auto v = judge(batch, actions, items);
  if (v.build_fault) return fail_build(batch.fill->index_name, *v.build_fault);
  metrics_.sent(static_cast<std::int64_t>(items.size()) - v.rejected);
  metrics_.rejected(v.rejected);
  catalog::report_engine accepted;
  for (std::size_t i = 0; i < batch.changes.size(); ++i) {
    const auto& c = batch.changes[i];
    if (!v.open[i]) accepted.changes.push_back({c.product_id, c.change});
  }
  if (batch.fill && !v.fill_open) {
    const auto& f = *batch.fill;
    const auto sent = f.products + static_cast<std::int64_t>(f.documents.size());
    accepted.build = catalog::build_progress{f.index_name, f.after, sent, std::nullopt, {}};
  }
  if (!accepted.changes.empty() || accepted.build) source_.report(std::move(accepted));
  if (v.later) throw engine_failure("documents were not accepted: " + *v.later);
}

void engine_update::run() {
  std::optional<std::string> unusable;
  try {
    find_serving();
  } catch (const no_index& e) {
    unusable = e.what();
  }
  while (!stopping_) {
    auto batch = source_.next(!serving_.empty() && !unusable);
    metrics_.queue(batch.queued);
    if (!batch.fill) {
      if (unusable) throw no_index(*unusable);
      if (serving_.empty()) {
        throw no_index("the alias " + alias_ + " does not exist: run stoa search reindex");
      }
      if (batch.changes.empty()) return;
    } else if (batch.fill->filled) {
      finish(*batch.fill);
      unusable.reset();
      continue;
    } else if (!prepare(*batch.fill)) {
      continue;
    }
    send(batch);
  }
}

}  // namespace stoa::search
