#include "net/cli/key_watch.hpp"

#include "actors/kernel/cluster_secrets.hpp"
#include "config/log.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/have.hpp"
#include "net/nats/signing.hpp"
#include "net/token/secret.hpp"
#include "net/token/secret_lines.hpp"

#include <prometheus/gauge.h>

#include <algorithm>
#include <sys/stat.h>

namespace stoa::cli {

namespace {

constexpr seconds poll_interval{2};

/// Changes whenever one of the files changes or is replaced.
std::string stamp_of(const std::vector<std::filesystem::path>& files) {
  std::string stamp;
  for (const auto& file : files) {
    struct stat is {};
    if (::stat(file.c_str(), &is) != 0) is = {};
    for (const auto part :
         {static_cast<std::int64_t>(is.st_ino), static_cast<std::int64_t>(is.st_size),
          static_cast<std::int64_t>(is.st_mtim.tv_sec),
          static_cast<std::int64_t>(is.st_mtim.tv_nsec)}) {
      stamp.append(std::to_string(part)).append(" ");
    }
  }
  return stamp;
}

std::string listed(const std::vector<std::string>& ids) {
  std::string all;
  for (const auto& id : ids) all.append(all.empty() ? "" : " ").append(id);
  return all;
}

std::vector<std::string> ids_of(const nats::signing_ring& ring) {
  std::vector<std::string> ids;
  for (const auto& key : *ring.keys()) ids.push_back(key.id);
  return ids;
}

}  // namespace

key_watch::key_watch(const settings& s, store& shop) : registry_(shop.registry()) {
  add_rings(s, shop);
  for (auto& r : rings_) {
    r.seen = stamp_of(r.files);
    show(r);
    log::info("keys in use", {{"kind", r.kind}, {"key_ids", listed(r.shown)}});
  }
  thread_ = std::thread([this] { run(); });
}

key_watch::~key_watch() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void key_watch::check_now() {
  {
    const std::scoped_lock lock(mutex_);
    asked_ = true;
  }
  wake_.notify_all();
}

void key_watch::add_rings(const settings& s, store& shop) {
  const auto folder = keys_dir_of(s);
  rings_.push_back(
      {"tokens",
       {folder / "token-key.json", folder / "token-key-next.json", folder / "token-key-old.json"},
       [&shop] { return have(shop.keys().reload()) == token::key_reading::changed; },
       [&shop] { return shop.keys().key_ids(); }});
  if (auto* secrets = shop.cluster_secrets()) {
    rings_.push_back({"cluster",
                      {s.cluster.secret_file},
                      [secrets, file = s.cluster.secret_file] {
                        return secrets->replace(have(token::read_cluster_secrets(file)));
                      },
                      [secrets] { return secrets->ids(); }});
  }
  if (auto* signing = shop.signing(); signing && !s.nats.signing_key_file.empty()) {
    rings_.push_back({"events",
                      {s.nats.signing_key_file},
                      [signing, file = s.nats.signing_key_file] {
                        auto keys = have(nats::read_signing_keys(file));
                        if (keys == *signing->keys()) return false;
                        signing->replace(std::move(keys));
                        return true;
                      },
                      [signing] { return ids_of(*signing); }});
  }
  if (auto* webhooks = shop.stripe_webhooks()) {
    rings_.push_back({"stripe_webhooks",
                      {s.payment.stripe_webhook_secrets_file},
                      [webhooks, file = s.payment.stripe_webhook_secrets_file] {
                        return webhooks->replace(have(token::read_secret_lines(file)));
                      },
                      [webhooks] { return webhooks->secret_ids(); }});
  }
}

void key_watch::run() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    wake_.wait_for(lock, poll_interval, [this] { return asked_ || over_; });
    asked_ = false;
    if (over_) return;
    lock.unlock();
    for (auto& r : rings_) check(r);
    lock.lock();
  }
}

void key_watch::check(ring& r) {
  auto now = stamp_of(r.files);
  if (now == r.seen) return;
  r.seen = std::move(now);
  try {
    if (!r.reload()) return;
    show(r);
    log::info("keys reloaded", {{"kind", r.kind}, {"key_ids", listed(r.shown)}});
  } catch (const std::exception& e) {
    log::error("cannot reload keys; keeping the current ones",
               {{"kind", r.kind}, {"error", std::string(e.what())}});
  }
}

void key_watch::show(ring& r) {
  auto& family =
      prometheus::BuildGauge()
          .Name("stoa_key_info")
          .Help(
              "Keys in use: 1 for the key that signs or authenticates, 0 for a key that is "
              "only accepted")
          .Register(registry_);
  const auto ids = r.ids();
  for (const auto& id : r.shown) {
    if (std::ranges::find(ids, id) == ids.end()) {
      family.Remove(&family.Add({{"kind", r.kind}, {"kid", id}}));
    }
  }
  for (const auto& id : ids) {
    family.Add({{"kind", r.kind}, {"kid", id}}).Set(id == ids.front() ? 1 : 0);
  }
  prometheus::BuildGauge()
      .Name("stoa_keys_changed_timestamp_seconds")
      .Help("Time at which the keys of this kind last changed, by this process")
      .Register(registry_)
      .Add({{"kind", r.kind}})
      .Set(static_cast<double>(system_time().now().us) / 1e6);
  r.shown = ids;
}

}  // namespace stoa::cli
