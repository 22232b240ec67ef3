#include "net/gateway_simulator/simulator.hpp"

#include "config/log.hpp"
#include "net/gateway/paypal_signature.hpp"
#include "net/gateway/webhook_signature.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa::simulator {

namespace {

constexpr std::size_t queue_max = 4096;
constexpr std::size_t batch_max = 256;
constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::chrono::milliseconds clock_interval{50};
/// A webhook without a 2xx response is sent again.
constexpr milliseconds webhook_retry{1000};
constexpr std::chrono::milliseconds webhook_timeout{5000};

http::response server_error(int status, const std::string& message) {
  http::response r;
  r.status = status;
  r.content_type = "application/json";
  r.body = R"({"error":{"type":"api_error","message":")" + message + R"("}})";
  return r;
}

http::response response_of(api_response&& a) {
  http::response r;
  if (a.with == fault::truncated) a.body.resize(a.body.size() / 2);
  if (a.with == fault::unreadable) {
    a.content_type = "text/html";
    a.body = "<!doctype html><title>Welcome</title>";
  }
  r.status = a.status;
  r.content_type = a.location.empty() ? a.content_type : "";
  r.body = std::move(a.body);
  if (a.replayed) r.headers.emplace_back("Idempotent-Replayed", "true");
  if (!a.location.empty()) r.headers.emplace_back("Location", a.location);
  r.hang_up = a.with == fault::reset;
  return r;
}

outbound::client_config webhook_client() {
  outbound::client_config c;
  c.name = "webhooks";
  // The operator chooses the receiver; it may be in a private network.
  c.allowed_networks = parse_networks({"0.0.0.0/0", "::/0"});
  return c;
}

http::server_config server_config_of(const simulator_options& o) {
  http::server_config c;
  c.address = o.address;
  c.port = o.port;
  c.body_bytes_max = body_bytes_max;
  return c;
}

}  // namespace

gateway_simulator::gateway_simulator(simulator_options options)
    : options_(std::move(options)),
      books_(options_.ledger_file),
      api_(books_,
           {.disorder = options_.disorder, .seed = options_.seed, .faults = options_.faults}),
      signer_(system_time().now()),
      paypal_books_(books_.file()),
      paypal_(books_, paypal_books_, signer_,
              {.disorder = options_.disorder, .seed = options_.seed, .faults = options_.faults}),
      worker_(queue_max, batch_max, [this](auto& batch) { work(batch); }),
      client_(webhook_client()),
      server_(server_config_of(options_)) {}

gateway_simulator::~gateway_simulator() {
  server_.stop();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (clock_.joinable()) clock_.join();
  worker_.stop();
  late_.clear();  // while the server that the responders refer to exists
}

http::result<std::uint16_t> gateway_simulator::start() {
  auto port = server_.start([this](const std::shared_ptr<http::request>& r, http::responder respond,
                                   std::size_t) { receive(*r, std::move(respond)); });
  if (!port) return port;
  clock_ = std::thread([this] { run_clock(); });
  return port;
}

void gateway_simulator::receive(const http::request& r, http::responder respond) {
  const bool is_json = paypal_api::serves(r.path) &&
                       r.header("Content-Type").value_or("").starts_with("application/json");
  const bool is_form = r.method == http::method::post && !is_json;
  auto fields = http::parse_query(is_form ? r.body : r.query);
  if (!fields) return respond(server_error(400, fields.error().code));
  const auto* key = paypal_api::serves(r.path) ? "PayPal-Request-Id" : "Idempotency-Key";
  call c{
      {std::string(http::to_string(r.method)), r.path, std::move(*fields),
       std::string(r.header(key).value_or("")), std::string(r.header("Authorization").value_or("")),
       std::string(r.header("Host").value_or("")), is_json ? r.body : std::string()},
      std::move(respond)};
  job j(std::move(c));
  if (worker_.offer(j) == offered::taken) return;
  std::get<call>(j).respond(server_error(503, "The simulator is overloaded."));
}

void gateway_simulator::work(std::vector<job>& batch) {
  due_deliveries due;
  const bool stored = settle(batch, due);
  for (auto& j : batch) {
    if (auto* c = std::get_if<call>(&j)) respond(*c, stored);
  }
  respond_late();
  if (!stored) return;
  for (const auto& d : due.stripe) send(d);
  for (const auto& d : due.paypal) send_paypal(d);
}

void gateway_simulator::take_due(due_deliveries& due, timestamp now) {
  if (!options_.webhook_url.empty() && due.stripe.empty()) {
    due.stripe = books_.deliveries().take_due(now, now + webhook_retry);
  }
  if (!options_.paypal_webhook_url.empty() && due.paypal.empty()) {
    due.paypal = paypal_books_.deliveries().take_due(now, now + webhook_retry);
  }
}

bool gateway_simulator::settle(std::vector<job>& batch, due_deliveries& due) {
  try {
    const auto now = system_time().now();
    books_.begin();
    for (auto& j : batch) {
      if (auto* c = std::get_if<call>(&j)) {
        c->answer = paypal_api::serves(c->request.path) ? paypal_.handle(c->request, now)
                                                        : api_.handle(c->request, now);
      } else if (const auto* d = std::get_if<delivered>(&j)) {
        auto& queue = d->is_paypal ? paypal_books_.deliveries() : books_.deliveries();
        queue.confirm(d->number);
      } else {
        api_.advance(now);
        paypal_.advance(now);
        take_due(due, now);
      }
    }
    books_.commit();
    return true;
  } catch (const std::exception& e) {
    books_.rollback();
    log::error("the simulator's ledger failed", {{"error", std::string(e.what())}});
    return false;
  }
}

void gateway_simulator::respond(call& c, bool stored) {
  if (!stored) return c.respond(server_error(500, "The ledger failed."));
  const auto with = c.answer.with;
  auto answer = response_of(std::move(c.answer));
  if (with != fault::slow) return c.respond(std::move(answer));
  late_.push_back({process_time().now() + milliseconds{slow_response_ms}, std::move(c.respond),
                   std::move(answer)});
}

void gateway_simulator::respond_late() {
  const auto now = process_time().now();
  const auto later = std::partition(late_.begin(), late_.end(),
                                    [&](const late_response& l) { return l.due > now; });
  for (auto l = later; l != late_.end(); ++l) l->respond(std::move(l->answer));
  late_.erase(later, late_.end());
}

void gateway_simulator::send(const delivery& d) {
  outbound::request r;
  r.method = "POST";
  r.url = options_.webhook_url;
  r.headers = {{"Content-Type", "application/json"},
               {"Stripe-Signature",
                gateways::sign_webhook(options_.webhook_secret, d.body, system_time().now())}};
  r.body = d.body;
  deliver(std::move(r), {d.number, false});
}

void gateway_simulator::send_paypal(const delivery& d) {
  // The address of the certificate is the one that the store uses; the webhook is sent later while
  // the store has made no request.
  if (paypal_.host().empty()) return;
  const auto s = signer_.sign(options_.paypal_webhook_id, d.body, system_time().now());
  outbound::request r;
  r.method = "POST";
  r.url = options_.paypal_webhook_url;
  r.headers = {{"Content-Type", "application/json"},
               {"PAYPAL-AUTH-ALGO", std::string(gateways::paypal_signature_algorithm)},
               {"PAYPAL-CERT-URL", "http://" + paypal_.host() +
                                       std::string(gateways::paypal_certificates_path) +
                                       signer_.certificate_id()},
               {"PAYPAL-TRANSMISSION-ID", s.transmission_id},
               {"PAYPAL-TRANSMISSION-SIG", s.transmission_sig},
               {"PAYPAL-TRANSMISSION-TIME", s.transmission_time}};
  r.body = d.body;
  deliver(std::move(r), {d.number, true});
}

void gateway_simulator::deliver(outbound::request r, delivered what) {
  r.timeout = webhook_timeout;
  client_.submit(std::move(r), [this, what](const outbound::completion& c) {
    const bool received = c.how == outbound::outcome::completed && c.answer.status / 100 == 2;
    if (!received) return;
    job j(what);
    worker_.offer(j);
  });
}

void gateway_simulator::run_clock() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, clock_interval, [this] { return stopping_; })) {
    lock.unlock();
    job j(tick{});
    worker_.offer(j);
    lock.lock();
  }
}

}  // namespace stoa::simulator
