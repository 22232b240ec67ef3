#include "bench/crowd.hpp"
#include "bench/load.hpp"

#include <random>

namespace stoa::bench {
namespace {

using std::chrono::milliseconds;
using test::load_answer;
using test::request_text;
using test::text_member;

constexpr int attempts_max = 200;

/// Names of a purchase's steps in the figures.
enum class step { cart, first_item, second_item, checkout, poll, end };

const char* name_of(step s) {
  switch (s) {
    case step::cart:
      return "1 new cart";
    case step::first_item:
    case step::second_item:
      return "2 add item";
    case step::checkout:
      return "3 checkout";
    case step::poll:
    case step::end:
      break;
  }
  return "4 poll order";
}

struct purchase_run {
  const std::vector<std::string>& products;
  crowd& all;
  purchase_figures& result;
  std::string session;  ///< makes the keys unique to this run
  std::mt19937_64 random{42};
  std::uint64_t keys = 0;

  const std::string& a_product() { return products[random() % products.size()]; }
};

/// A purchase in progress: its next request, and the transition for the response.
class purchase {
 public:
  explicit purchase(purchase_run& run)
      : run_(run), key_(run.session + std::to_string(++run.keys)) {}

  step at() const { return at_; }
  std::string request() const {
    switch (at_) {
      case step::cart:
        return request_text("POST", "/store/v1/carts", {}, {});
      case step::first_item:
      case step::second_item:
        return request_text("POST", cart_ + "/items",
                            R"({"product_id":")" + run_.a_product() + R"(","quantity":1})", {});
      case step::checkout:
        return request_text("POST", cart_ + "/checkout", body(), {{"Idempotency-Key", key_}});
      case step::poll:
      case step::end:
        break;
    }
    return request_text("GET", order_, {}, {{"Authorization", "Bearer " + access_}});
  }

  /// Advances to the next step, or ends as confirmed or not.
  void take(const load_answer& a) {
    if (a.status == 201 && at_ == step::cart) {
      cart_ = "/store/v1/carts/" + std::string(text_member(a.body, "cart_id"));
      at_ = step::first_item;
    } else if (a.status == 201 && at_ == step::first_item) {
      at_ = step::second_item;
    } else if (a.status == 201 && at_ == step::second_item) {
      at_ = step::checkout;
    } else if (a.status == 202 && at_ == step::checkout) {
      order_ = "/store/v1/orders/" + std::string(text_member(a.body, "order_id"));
      access_ = text_member(a.body, "access_token");
      at_ = step::poll;
    } else if (a.status == 200 && at_ == step::poll && text_member(a.body, "status") == "Pending") {
      return;
    } else {
      confirmed = (a.status == 201 && at_ == step::checkout) ||
                  (a.status == 200 && text_member(a.body, "status") == "Confirmed");
      at_ = step::end;
    }
  }

  bool confirmed = false;

 private:
  std::string body() const {
    return R"({"email":"buyer@bench.example","shipping_address":{"first_name":"Ada",)"
           R"("last_name":"Lovelace","address_line1":"1 Main Street","city":"Berlin",)"
           R"("postal_code":"10115","country":"DE"},)"
           R"("payment_method":{"type":"card","token":"tok_visa"}})";
  }

  purchase_run& run_;
  std::string key_, cart_, order_, access_;
  step at_ = step::cart;
};

bool should_retry(const load_answer& a) {
  return a.status == 0 || a.status == 503 || a.status == 504 ||
         (a.status == 409 && text_member(a.body, "code") == "idempotency_in_progress");
}

test::load_task buyer(purchase_run& run, std::uint16_t port) {
  test::load_connection connection(run.all.loop, port);
  while (!run.all.closing()) {
    purchase p(run);
    const auto began = load_clock::now();
    int attempts = 0;
    std::string last;
    while (p.at() != step::end && attempts < attempts_max) {
      const auto asked = load_clock::now();
      const auto now_at = p.at();
      const auto a = co_await connection.request(p.request());
      last = std::to_string(a.status) + " " + std::string(text_member(a.body, "code"));
      if (should_retry(a)) {
        run.all.outcome("retried: " + last);
        ++attempts;
        co_await run.all.loop.sleep(milliseconds{20});
        continue;
      }
      run.all.step(name_of(now_at), asked);
      if (a.status >= 400) run.all.error(std::string(a.body.substr(0, 300)));
      p.take(a);
      if (p.at() == step::poll) {
        ++attempts;
        co_await run.all.loop.sleep(milliseconds{20});
      }
    }
    if (p.confirmed) {
      ++run.result.confirmed;
      run.all.done(began);
      run.all.outcome("confirmed");
    } else {
      run.all.outcome("not confirmed: " + last);
    }
  }
  run.all.leave();
}

}  // namespace

purchase_figures run_purchases(const run_options& options) {
  const auto products = buyable_products(options.port);
  purchase_figures result;
  result.name = "purchases";
  crowd all(options, result);
  purchase_run run{products, all, result, "bench-" + std::to_string(std::random_device{}()) + "-"};
  all.loop.after(milliseconds{0}, [&] {
    for (int i = 0; i < options.concurrency; ++i) buyer(run, options.port_of(i));
  });
  all.run(options.concurrency);
  return result;
}

}  // namespace stoa::bench
