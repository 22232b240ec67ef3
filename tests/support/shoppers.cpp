#include "tests/support/shoppers.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace stoa::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t complaints_max = 20;

/// Ends a purchase that cannot continue.
struct given_up {
  std::string complaint;
  bool unanswered = false;  ///< no invalid answer, but no final one either
};

std::int64_t units_of(const json::value& order) {
  std::int64_t units = 0;
  const auto* items = order.find("items");
  if (!items || !items->if_array()) return -1;
  for (const auto& item : *items->if_array()) {
    const auto* quantity = item.find("quantity");
    if (!quantity || !quantity->if_int64()) return -1;
    units += *quantity->if_int64();
  }
  return units;
}

}  // namespace

class shopper {
 public:
  shopper(shoppers& all, int number)
      : all_(all),
        options_(all.options_),
        number_(number),
        random_(options_.seed * 1000 + static_cast<std::uint64_t>(number)),
        ports_(all.options_.other_ports) {
    ports_.insert(ports_.begin(), options_.port);
    port_ = static_cast<std::size_t>(number) % ports_.size();
    turn();
  }

  void run() {
    for (int n = 0; !all_.closing_; ++n) {
      // Letters between the numbers: a sequence of digits would look like a card number to the
      // edge.
      name_ = "s" + std::to_string(options_.seed % 1'000'000'000) + "x" + std::to_string(number_) +
              "x" + std::to_string(n);
      reported_ = {};
      reported_.email = name_ + "@shoppers.example";
      try {
        buy();
      } catch (const given_up& e) {
        if (e.unanswered) count("without a final answer");
        complain(e.complaint);
      } catch (const std::exception& e) {
        complain(e.what());
      }
      {
        const std::lock_guard lock(all_.mutex_);
        all_.result_.reported.push_back(std::move(reported_));
      }
      std::this_thread::sleep_for(options_.pause);
    }
  }

 private:
  bool chance(int percent) { return std::uniform_int_distribution(0, 99)(random_) < percent; }

  void count(const std::string& what) {
    const std::lock_guard lock(all_.mutex_);
    ++all_.result_.counts[what];
  }

  void complain(const std::string& what) {
    const std::lock_guard lock(all_.mutex_);
    ++all_.result_.counts["complaints"];
    if (all_.result_.complaints.size() < complaints_max) {
      all_.result_.complaints.push_back(name_ + ": " + what);
    }
  }

  /// Uses the next front from now on.
  void turn() {
    if (client_ && ports_.size() == 1) return;
    port_ = (port_ + 1) % ports_.size();
    client_.emplace(ports_[port_], options_.request_limit);
  }

  http_answer request(std::string_view method, const std::string& target, const std::string& body,
                      const header_list& headers) {
    const auto begin = steady_clock::now();
    const auto note = [&](const std::string& outcome) {
      const auto end = steady_clock::now();
      const auto took = std::chrono::duration_cast<milliseconds>(end - begin);
      const std::lock_guard lock(all_.mutex_);
      auto& r = all_.result_;
      r.longest_wait = std::max(r.longest_wait, took);
      if (took < options_.long_wait_min) return;
      r.waits.push_back({ports_[port_], begin, end,
                         name_ + " " + std::string(method) + " " + target + ": " + outcome});
    };
    try {
      auto a = client_->request(method, target, body, headers);
      note(std::to_string(a.status) + " " + a.code());
      return a;
    } catch (const http_failure& e) {
      note(e.what());
      throw;
    }
  }

  [[noreturn]] void unexpected(const std::string& step, const http_answer& a) {
    throw given_up{step + " was answered with " + std::to_string(a.status) + " " +
                   a.body.substr(0, 300)};
  }

  /// Repeats the request until it is answered: a server that is down, overloaded or still
  /// processing the same request is retried.
  http_answer insist(std::string_view method, const std::string& target, const std::string& body,
                     const header_list& headers) {
    const auto until = steady_clock::now() + options_.patience;
    std::string last;
    do {
      try {
        auto a = request(method, target, body, headers);
        const bool busy = a.status == 409 && a.code() == "idempotency_in_progress";
        if (a.status != 503 && a.status != 504 && !busy) return a;
        last = std::to_string(a.status) + " " + a.code();
        count("retried: " + last);
        turn();
      } catch (const http_failure& e) {
        last = e.what();
        const bool refused = last.starts_with("connect");
        count(refused ? "retried: connection refused" : "retried: no answer");
        turn();
      }
      std::this_thread::sleep_for(milliseconds{std::uniform_int_distribution(5, 30)(random_)});
    } while (steady_clock::now() < until);
    throw given_up{std::string(method) + " " + target + " was not answered: " + last, true};
  }

  std::string a_product() {
    const double r = std::uniform_real_distribution(0.0, 1.0)(random_);
    const auto at =
        static_cast<std::size_t>(r * r * r * static_cast<double>(options_.products.size()));
    return options_.products[std::min(at, options_.products.size() - 1)];
  }

  /// `,"properties":{...}` or nothing; different for each name.
  std::string some_properties(const std::string& name) {
    if (!chance(options_.properties_percent)) return {};
    return R"(,"properties":{"Engraving":")" + name + R"("},"note":"for )" + name + "\"";
  }

  void buy_at_once() {
    std::int64_t units = 0;
    std::string items;
    for (const std::string item : {"a", "b"}) {
      const int quantity = std::uniform_int_distribution(1, 3)(random_);
      items += (items.empty() ? "" : ",") + (R"({"product_id":")" + a_product()) +
               R"(","quantity":)" + std::to_string(quantity) + R"(,"properties":{"Item":")" + item +
               "\"}}";
      units += quantity;
    }
    std::string codes;
    if (!options_.codes.empty() && chance(options_.code_percent)) {
      codes = R"("codes":[")" + one_of(options_.codes) + R"("],)";
    }
    checkout("/store/v1/checkout", units, R"("items":[)" + items + "]," + codes,
             {{"Client-Secret", name_ + "-0123456789abcdefghij"}});
  }

  void buy() {
    if (chance(options_.at_once_percent)) return buy_at_once();
    auto made = insist(
        "POST", "/store/v1/carts", "",
        {{"Idempotency-Key", name_ + "-cart"}, {"Client-Secret", name_ + "-0123456789abcdefghij"}});
    if (made.status != 201) unexpected("a new cart", made);
    const std::string cart = "/store/v1/carts/" + std::string(text_member(made.body, "cart_id"));
    std::int64_t units = 0;
    for (const std::string item : {"a", "b"}) {
      const int quantity = std::uniform_int_distribution(1, 3)(random_);
      auto added = insist("POST", cart + "/items",
                          R"({"product_id":")" + a_product() + R"(","quantity":)" +
                              std::to_string(quantity) + some_properties(item) + "}",
                          {{"Idempotency-Key", name_ + "-" + item}});
      if (added.status != 201) unexpected("adding an item to an acknowledged cart", added);
      units += quantity;
      if (units_of(added.json()) != units) unexpected("the quantity of an item added once", added);
    }
    if (!options_.codes.empty() && chance(options_.code_percent)) {
      const auto entered =
          insist("POST", cart + "/codes", R"({"code":")" + one_of(options_.codes) + R"("})",
                 {{"Idempotency-Key", name_ + "-code"}});
      if (entered.status != 200) unexpected("entering a code", entered);
    }
    checkout(cart + "/checkout", units, "", {});
  }

  const std::string& one_of(const std::vector<std::string>& tokens) {
    return tokens[std::uniform_int_distribution<std::size_t>(0, tokens.size() - 1)(random_)];
  }

  struct card {
    std::string token;
    bool pays;
  };

  card choose_card() {
    const auto& all = options_.cards;
    int r = std::uniform_int_distribution(0, 99)(random_);
    if ((r -= options_.declined_percent) < 0) return {one_of(all.declined), false};
    if ((r -= options_.silent_paid_percent) < 0) return {one_of(all.silent_paid), true};
    if ((r -= options_.silent_declined_percent) < 0) return {one_of(all.silent_declined), false};
    return {one_of(all.paid), true};
  }

  std::string with_gift_card() {
    if (options_.gift_cards.empty() || !chance(options_.gift_card_percent)) return {};
    paid_by_card_ = false;
    return R"("gift_cards":[")" + one_of(options_.gift_cards) + R"("],)";
  }

  void checkout(const std::string& target, std::int64_t units, const std::string& members,
                header_list headers) {
    const auto [token, pays] = choose_card();
    paid_by_card_ = true;
    const std::string body =
        "{" + members + R"("email":")" + reported_.email +
        R"(","shipping_address":{"first_name":"Ada","last_name":"Lovelace",)"
        R"("address_line1":"1 Main Street","city":"Berlin","postal_code":"10115","country":"DE"},)" +
        with_gift_card() + R"("payment_method":{"type":"card","token":")" + token + R"("}})";
    headers.emplace_back("Idempotency-Key", name_ + "-checkout");
    if (chance(options_.async_percent)) headers.emplace_back("Prefer", "respond-async");
    const auto first = insist("POST", target, body, headers);
    count("checkout: " + std::to_string(first.status) + " " + first.code());
    understand(first, units);
    // A gift card may have paid all of it.
    if (reported_.confirmed && !pays && paid_by_card_)
      throw given_up{"an order is Confirmed with " + token};
    if (first.status == 402 && pays) throw given_up{"the card was declined with " + token};
    // Without an order no answer was stored: a sold-out product may be available now.
    if (chance(options_.repeat_percent) && !first.header("Location").empty()) {
      repeat(target, body, headers, first);
    }
    if (!reported_.order_id.empty() && !reported_.refused && chance(options_.cancel_percent))
      cancel();
  }

  /// Evaluates the answer to a checkout; follows a Pending order to its outcome.
  void understand(const http_answer& a, std::int64_t units) {
    if (a.status == 402 ||
        (a.status == 409 &&
         (a.code() == "sold_out" || a.code() == "order_cancelled" ||
          a.code() == "promotion_unavailable" || a.code() == "code_not_applied")) ||
        (a.status == 422 && a.code() == "gift_card_unusable")) {
      reported_.refused = true;
      return;
    }
    if (a.status != 201 && a.status != 202) unexpected("the checkout", a);
    reported_.order_id = text_member(a.body, "order_id");
    access_ = text_member(a.body, "access_token");
    if (units_of(a.json()) != units) unexpected("an order of " + std::to_string(units), a);
    if (a.status == 201) {
      reported_.confirmed = true;
      return;
    }
    if (chance(options_.cancel_percent / 2)) cancel();
    follow();
  }

  header_list with_access() const { return {{"Authorization", "Bearer " + access_}}; }

  void follow() {
    const auto until = steady_clock::now() + options_.patience;
    while (steady_clock::now() < until) {
      const auto a = insist("GET", "/store/v1/orders/" + reported_.order_id, "", with_access());
      if (a.status != 200) unexpected("reading an acknowledged order", a);
      const auto status = text_member(a.body, "status");
      if (status == "Cancelled") {
        reported_.refused = !reported_.cancel_asked;
        return;
      }
      if (status != "Pending") {
        reported_.confirmed = true;
        return;
      }
      std::this_thread::sleep_for(milliseconds{20});
    }
    throw given_up{"order " + reported_.order_id + " is still Pending", true};
  }

  void repeat(const std::string& target, const std::string& body, const header_list& headers,
              const http_answer& first) {
    const auto again = insist("POST", target, body, headers);
    count("repeated");
    const bool same_order =
        text_member(again.body, "order_id") == text_member(first.body, "order_id");
    // The repeat may return the final outcome if the first answer was 202.
    const bool same_status = again.status == first.status || first.status == 202;
    if (same_status && (same_order || first.status == 202) &&
        again.header("Idempotent-Replayed") == "true") {
      return;
    }
    unexpected("the repeat of a checkout answered with " + std::to_string(first.status), again);
  }

  void cancel() {
    reported_.cancel_asked = true;
    auto headers = with_access();
    headers.emplace_back("Idempotency-Key", name_ + "-cancel");
    const auto a = insist("POST", "/store/v1/orders/" + reported_.order_id + "/cancel",
                          R"({"reason":"changed my mind"})", headers);
    count("cancel: " + std::to_string(a.status));
    if (a.status == 200) reported_.cancel_answered = true;
    // 409 when the order was finished before.
    if (a.status != 200 && a.status != 409) unexpected("a cancellation", a);
  }

  shoppers& all_;
  const shopper_options& options_;
  int number_;
  std::mt19937_64 random_;
  std::vector<std::uint16_t> ports_;
  std::size_t port_ = 0;
  std::optional<http_client> client_;
  std::string name_;    ///< of this purchase
  std::string access_;  ///< the guest order's token
  bool paid_by_card_ = true;
  reported_checkout reported_;
};

void shoppers::start() {
  for (int i = 0; i < options_.shoppers; ++i) {
    threads_.emplace_back([this, i] { shopper(*this, i).run(); });
  }
}

void shoppers::finish() {
  closing_ = true;
  for (auto& t : threads_) t.join();
  threads_.clear();
}

std::vector<std::pair<std::string, std::string>> short_timeouts() {
  return {{"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "300"},
          {"STOA_PAYMENT_RETRY_MS_MIN", "50"},
          {"STOA_PAYMENT_RETRY_MS_MAX", "500"},
          {"STOA_PAYMENT_GIVE_UP_S", "120"},
          {"STOA_NOTIFICATION_RETRY_MS_MIN", "50"},
          {"STOA_NOTIFICATION_RETRY_MS_MAX", "500"},
          {"STOA_RELAY_RETRY_MS_MIN", "20"},
          {"STOA_RELAY_RETRY_MS_MAX", "500"},
          {"STOA_SWEEP_INTERVAL_MS", "100"},
          {"STOA_LOG_LEVEL", "warn"},
          {"STOA_LOG_FORMAT", "json"}};
}

}  // namespace stoa::test
