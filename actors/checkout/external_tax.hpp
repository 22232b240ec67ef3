#pragma once
// Taxes by an external provider: what it is asked, and what of its answer is used. Pure, apart from
// the interface tax_source.

#include "actors/checkout/cart_quote.hpp"
#include "actors/pricing/price_basket.hpp"
#include "storage/base/tax_record.hpp"

namespace stoa::checkout {

inline constexpr std::size_t tax_answer_bytes_max = 256 * 1024;
inline constexpr std::size_t taxes_per_line_max = 20;

struct taxed_line {
  std::int64_t position = 0;  ///< from 0
  stoa::product_id product_id;
  std::string tax_class;
  std::int64_t quantity = 0;
  std::int64_t amount = 0;  ///< of the line after discounts, in minor units
};
BOOST_DESCRIBE_STRUCT(taxed_line, (), (position, product_id, tax_class, quantity, amount))

struct taxed_shipping {
  std::string tax_class;
  std::int64_t amount = 0;  ///< after discounts, in minor units
};
BOOST_DESCRIBE_STRUCT(taxed_shipping, (), (tax_class, amount))

/// The body of the request.
struct tax_question {
  std::string purpose;         ///< "quote" or "checkout"
  std::string cart_reference;  ///< the same for all questions about a cart; not its id
  std::string currency;
  bool prices_include_tax = false;
  bool tax_exempt = false;
  tax_address ship_to;
  std::vector<taxed_line> lines;
  std::optional<taxed_shipping> shipping;
};
BOOST_DESCRIBE_STRUCT(tax_question, (),
                      (purpose, cart_reference, currency, prices_include_tax, tax_exempt, ship_to,
                       lines, shipping))

struct provider_tax {
  std::string name;  ///< shown to customers
  std::int64_t amount = 0;
  std::optional<std::int64_t> parts_per_million;
};
BOOST_DESCRIBE_STRUCT(provider_tax, (), (name, amount, parts_per_million))

struct provider_line {
  std::int64_t position = 0;
  std::vector<provider_tax> taxes;
};
BOOST_DESCRIBE_STRUCT(provider_line, (), (position, taxes))

/// The body of the answer.
struct tax_answer {
  std::string reference;
  std::string currency;
  std::vector<provider_line> lines;
  std::vector<provider_tax> shipping;
  std::int64_t total = 0;  ///< of all taxes
  static constexpr std::string_view defaults[] = {"shipping"};
};
BOOST_DESCRIBE_STRUCT(tax_answer, (), (reference, currency, lines, shipping, total))

/// What the provider is asked about a cart, without its reference. `plain`: its price without
/// taxes.
tax_question question_of(const cart::cart_content& cart, const cart_context& context,
                         const pricing::priced_basket& plain);

/// The answer if it is valid: each line once, taxes that are not below zero and together not above
/// what is taxed, sums that add up, the currency of the question. Otherwise the reason, for the
/// record: malformed, wrong_currency, wrong_lines, out_of_range or wrong_sum.
struct checked_tax {
  std::optional<tax_answer> answer;
  std::string failure;
};
checked_tax check_answer(std::string_view body, const tax_question& question);

/// The answer as price parts, one for each tax by its name and rate.
std::vector<price_part> parts_of(const tax_answer& answer, const tax_question& question);

/// The provider's answer; or why there is none, a name of an outcome.
struct tax_reply {
  std::optional<std::string> body;
  std::string failure;
};

/// Sends requests to the provider. Of one request to the store.
class tax_source {
 public:
  virtual ~tax_source() = default;
  /// `body`: a tax_question. One request; a repeat has the same body.
  virtual kernel::task<tax_reply> ask(std::string body) = 0;
  /// Names the cart to the provider. The cart cannot be found from it: a guest's cart belongs to
  /// everyone who knows its id.
  virtual std::string reference_of(stoa::cart_id id) const = 0;
  /// Whether the store's tax rates are used without a usable answer.
  virtual bool falls_back() const = 0;
};

/// Asks the provider for the taxes of the cart and sets them in the context. Asks nothing without
/// an address or for a cart that cannot be ordered. Fails with 503 tax_unavailable if there is no
/// usable answer and the source does not fall back.
kernel::task<kernel::nothing> add_taxes(tax_source& source, const cart::cart_content& cart,
                                        cart_context& context);

}  // namespace stoa::checkout
