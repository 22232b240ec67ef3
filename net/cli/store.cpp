#include "net/cli/store.hpp"

#include "actors/notification/notification_effects.hpp"
#include "actors/payment/payment_effects.hpp"

#include <filesystem>
#include <stdexcept>

namespace stoa::cli {

namespace {

template <class T>
T have(result<T> r, const std::string& what) {
  if (!r) throw std::runtime_error(what + ": " + r.error().detail);
  return std::move(*r);
}

kernel::node_options node_options_of(const settings& s) {
  kernel::node_options o;
  o.data_dir = s.data.dir;
  o.actor_threads = static_cast<std::size_t>(s.actors.threads);
  o.batch_max = static_cast<std::size_t>(s.actors.batch_max);
  o.in_flight_max = static_cast<std::size_t>(s.actors.requests_in_flight_max);
  o.sweep_interval = milliseconds{s.sweep.interval_ms};
  o.idempotency_ttl = seconds{s.idempotency.ttl_s};
  o.relay.in_flight_max = static_cast<std::size_t>(s.relay.in_flight_max);
  o.relay.attempts_max = static_cast<int>(s.relay.attempts_max);
  o.relay.retry_min = milliseconds{s.relay.retry_ms_min};
  o.relay.retry_max = milliseconds{s.relay.retry_ms_max};
  return o;
}

std::filesystem::path mail_dir_of(const settings& s) {
  if (!s.notification.mail_dir.empty()) return s.notification.mail_dir;
  return std::filesystem::path(s.data.dir) / "mail";
}

}  // namespace

service_set::service_set(const settings& s)
    : user({seconds{s.auth.refresh_token_ttl_s}}),
      catalog({s.store.currency, seconds{s.catalog.reservation_ttl_s}}),
      cart({seconds{s.cart.guest_ttl_s}}),
      order({seconds{s.payment.give_up_s}}),
      payment(payment::options_of(s.payment)),
      notification(notification::options_of(s)) {}

std::vector<std::string> service_names() {
  return {"cart", "catalog", "notification", "order", "payment", "user"};
}

store::store(const settings& s, std::function<void(const std::string&)> on_failure) : services_(s) {
  auto directory = std::filesystem::path(s.data.dir);
  secret_ = have(token::load_or_create_secret(directory / "keys"), "the server's secret");
  keys_.emplace(have(token::token_keys::load_or_create(directory / "keys"), "the token key"));
  sealer_.emplace(secret_);
  gateways::sandbox_options bank;
  bank.ledger_file = directory / "sandbox" / "ledger.db";
  std::filesystem::create_directories(bank.ledger_file.parent_path());
  gateway_ = have(gateways::sandbox::open(bank), "the sandbox's ledger");
  mail::maildir_options folder;
  folder.directory = mail_dir_of(s);
  mail_ = have(mail::maildir::open(folder), "the mail folder");
  passwords_ =
      std::make_unique<user::password_workers>(static_cast<std::size_t>(s.auth.password_workers),
                                               static_cast<std::size_t>(s.auth.password_queue_max));

  auto options = node_options_of(s);
  options.seal = &*sealer_;
  options.metrics = &registry_;
  options.on_failure = std::move(on_failure);
  auto payment = definition_of(services_.payment);
  payment.make_effects = payment::payment_effects(*gateway_, payment::effect_limits_of(s.payment));
  auto notification = definition_of(services_.notification);
  notification.make_effects = notification::notification_effects(*mail_);
  node_ = kernel::make_node(std::move(options),
                            {definition_of(services_.user), definition_of(services_.catalog),
                             definition_of(services_.cart), definition_of(services_.order),
                             std::move(payment), std::move(notification)});
}

store::~store() = default;

void store::stop(milliseconds limit) {
  passwords_->stop();  // they post to the node's ports
  node_->stop(limit);
  gateway_->stop();
  mail_->stop();
}

}  // namespace stoa::cli
