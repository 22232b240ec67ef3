#pragma once
// The customers of a simulated store, and its staff: customers fill carts, order, cancel and submit
// twice; staff ship, capture and refund (staff.cpp). All retry unanswered requests.

#include "tests/simulation/world.hpp"

#include <deque>
#include <set>

namespace stoa::simulation {

/// A command or a checkout of a buyer, repeated under the same idempotency key until it is
/// answered.
struct request {
  std::string who;
  std::string service;
  std::function<kernel::any_message()> make;  ///< creates an attempt's message; ids may differ
  /// An attempt's checkout, instead of a message.
  std::function<std::shared_ptr<checkout_run>(checkout_run::done_callback)> make_checkout;
  kernel::call_context context;
  std::function<void(const kernel::answer&)> first_answer;
  /// Compares a further answer with the first.
  std::function<void(const kernel::answer&)> next_answer;
  std::size_t attempts = 0;
  bool answered = false;
};

/// What distinguishes a line of a cart or an order: the product, the properties and the note.
struct line_key {
  stoa::product_id product_id;
  line_properties properties;
  std::string note;
  auto operator<=>(const line_key&) const = default;
};

/// One attempt to buy the cart's content. `email` is unique to this purchase.
struct purchase {
  std::string email;
  /// The cart's content at each read by a checkout of this purchase.
  std::vector<std::map<line_key, std::int64_t>> carts;
  std::optional<stoa::order_id> order;  ///< acknowledged
  std::optional<std::string> refused;   ///< the code
  /// Refunds that staff have requested, acknowledged: the request, and the amount of the answer.
  struct requested_refund {
    payment::request_refund request;
    money amount;
  };
  std::map<stoa::refund_id, requested_refund> refunds;
  bool captured_by_staff = false;  ///< a capture was requested, whether or not it is acknowledged
  bool cancel_acknowledged = false;
  bool ship_acknowledged = false;
  bool deliver_acknowledged = false;
};

/// The value of an answer without an error.
template <class T>
const T& value_of(const kernel::answer& a) {
  return *static_cast<const T*>(a.value.get());
}

class buyers {
 public:
  /// Gives the products their stock and the buyers their carts.
  buyers(world& w, const world_template& from);
  buyers(const buyers&) = delete;
  buyers& operator=(const buyers&) = delete;

  /// Makes one buyer act; false when all are done.
  bool step();
  /// Repeats all unanswered requests, when nothing is in transit.
  void ask_again();
  bool done() const;

  struct buyer {
    std::string name;
    kernel::caller who;
    stoa::cart_id cart;
    std::vector<stoa::cart_id> merged;  ///< carts merged into `cart`
    std::int64_t purchases_left = 1;
    std::deque<std::function<void()>> script;
    std::shared_ptr<request> current;
    purchase* last = nullptr;
    std::map<stoa::product_id, std::int64_t> added;  ///< to the cart, acknowledged
    bool account_deleted = false;
    bool is_guests = false;  ///< the cart has no owner yet
  };

  const std::vector<std::unique_ptr<buyer>>& all() const { return buyers_; }
  const std::vector<std::unique_ptr<purchase>>& purchases() const { return purchases_; }
  const std::map<stoa::product_id, std::int64_t>& initial_stock() const { return stock_; }
  /// The unit price; it never changes.
  std::int64_t price_of(stoa::product_id id) const;
  std::optional<std::int64_t> quantity_max_of(stoa::product_id id) const;
  /// Invalid answers.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void plan(buyer& b);
  void plan_shipment(buyer& b);
  void add_item(buyer& b);
  std::optional<line_properties> some_properties();
  void add_code(buyer& b);
  void place(buyer& b, bool twice);
  /// Buys without the cart, in one request.
  void buy_now(buyer& b);
  void check_out(buyer& b, purchase& p,
                 std::optional<cart::create_for_purchase> now = std::nullopt);
  void plan_change(buyer& b, std::string_view verb, bool wait);
  void change_order(buyer& b, purchase& p, std::string_view verb);
  void capture(buyer& b);
  void refund(buyer& b);
  /// Staff move units of a product to another location.
  void transfer(buyer& b);
  /// Staff move units of the last order to another location.
  void move_allocation(buyer& b);
  payment::request_refund part_of(const payment::payment_view& paid);
  payment::request_refund lines_of(const payment::payment_view& paid);
  void delete_account(buyer& b);
  void merge(buyer& b);
  std::shared_ptr<request> start(buyer& b, std::string service, const std::string& key);
  void send(const std::shared_ptr<request>& r);
  void answered(request& r, const kernel::answer& a);
  void violated(std::string text) { violations_.push_back(std::move(text)); }

  world& world_;
  const std::vector<world_template::product>& products_;
  const std::vector<stoa::location_id>& locations_;
  const std::vector<std::string>& codes_;
  const std::vector<std::string>& gift_card_keys_;
  std::vector<std::unique_ptr<buyer>> buyers_;
  std::vector<std::unique_ptr<purchase>> purchases_;
  std::map<stoa::product_id, std::int64_t> stock_;
  std::vector<std::string> violations_;
  std::size_t keys_ = 0;
};

}  // namespace stoa::simulation
