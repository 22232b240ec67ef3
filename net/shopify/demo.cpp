#include "net/shopify/demo.hpp"

#include "net/shopify/demo_words.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/money.hpp"

#include <stdexcept>
#include <utility>

namespace stoa::shopify {

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): small, and identical on every platform, unlike the
/// standard library's distributions.
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t roll() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1.
  std::uint64_t below(std::uint64_t n) { return roll() % n; }
  template <class Span>
  const auto& pick(const Span& from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t state_;
};

struct subject {
  std::string_view noun;
  std::string_view material;
  std::string_view series;
};

/// Fills in the sentence's placeholders; nouns and materials inside a sentence are lower case.
std::string fill(std::string_view sentence, const subject& of) {
  std::string made;
  for (std::size_t at = 0; at < sentence.size(); ++at) {
    if (sentence[at] != '%') {
      made += sentence[at];
      continue;
    }
    char what = sentence[++at];
    made += what == 's' ? std::string(of.series) : lower(what == 'n' ? of.noun : of.material);
  }
  return made;
}

/// Lowers ASCII letters, keeps digits, and replaces everything else by single dashes.
std::string slug(std::string_view text) {
  std::string made;
  for (char c : lower(text)) {
    bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept) {
      made += c;
    } else if (!made.empty() && made.back() != '-') {
      made += '-';
    }
  }
  return made;
}

/// 1299 for 12 in a currency with two decimals; prices end in 99 or 50, or are round.
std::int64_t price_of(std::int64_t units, int exponent, std::uint64_t ending) {
  std::int64_t hundredths = ending % 4 == 0 ? 0 : ending % 4 == 1 ? 50 : 99;
  std::int64_t scaled = units * 100 + hundredths;
  if (exponent == 2) return scaled;
  if (exponent == 3) return scaled * 10;
  return scaled / 10 * 10;  // currencies without decimals: scaled to about 100 per euro, rounded
}

void add_variants(import_product& product, const demo::choice& option, std::int64_t step,
                  dice& random, import_variant base) {
  std::size_t count = 2 + random.below(2);
  product.option_names.emplace_back(option.name);
  std::string sku = base.sku;
  for (std::size_t i = 0; i < count; ++i) {
    base.option_values = {std::string(option.values[i])};
    base.sku = sku + "-" + std::to_string(i + 1);
    product.variants.push_back(base);
    if (option.name == "Colour") continue;
    base.price += step;
    base.grams += base.grams / 2;
    if (base.compare_at_price) *base.compare_at_price += step;
  }
}

std::string description(const subject& of, dice& random) {
  std::string first = fill(random.pick(demo::openings()), of);
  std::string second = fill(random.pick(demo::middles()), of);
  std::string third = fill(random.pick(demo::endings()), of);
  return "<p>" + first + " " + second + "</p>\n<p>" + third + "</p>";
}

void add_images(import_product& product, dice& random) {
  std::size_t count = 1 + random.below(3);
  for (std::size_t i = 1; i <= count; ++i) {
    std::string alt = product.title + (i == 1 ? "" : i == 2 ? ", from the side" : ", in use");
    product.images.push_back(
        {"https://images.demo.example/" + product.handle + "-" + std::to_string(i) + ".jpg",
         static_cast<std::int64_t>(i), std::move(alt)});
  }
}

}  // namespace

demo_store::demo_store(std::size_t products, std::int64_t stock, std::uint64_t seed,
                       std::string_view currency)
    : products_(products), stock_(stock), seed_(seed), exponent_(0) {
  auto exponent = currency_exponent(currency);
  if (!exponent) throw std::invalid_argument("unknown currency: " + std::string(currency));
  if (stock < 0) throw std::invalid_argument("the stock is negative");
  exponent_ = *exponent;
}

std::optional<import_product> demo_store::next() {
  if (made_ == products_) return std::nullopt;
  std::size_t number = ++made_;
  // Seed per product, so that a product does not depend on the previous ones.
  dice random(dice(seed_).roll() ^ (number * 0xD1342543DE82EF95ULL));
  const demo::shelf& shelf = random.pick(demo::shelves());
  const demo::item& item = random.pick(shelf.items);
  subject of{item.noun, random.pick(shelf.materials), random.pick(demo::series_names())};

  import_product product;
  product.title =
      std::string(of.series) + " " + std::string(of.material) + " " + std::string(of.noun);
  product.handle = slug(product.title) + "-" + std::to_string(number);
  product.body_html = description(of, random);
  product.vendor = random.pick(demo::makers());
  product.type = shelf.path;
  parse_tags(shelf.tags, product.tags);
  product.tags.push_back(lower(of.material));

  auto span = static_cast<std::uint64_t>(item.price_max - item.price_min + 1);
  std::int64_t units = item.price_min + static_cast<std::int64_t>(random.below(span));
  std::uint64_t ending = random.roll();
  import_variant base;
  base.sku = "DEMO-" + std::to_string(number);
  base.price = price_of(units, exponent_, ending);
  if (random.below(6) == 0) {
    base.compare_at_price = price_of(units + 1 + units / 5, exponent_, ending);
    product.tags.emplace_back("sale");
  }
  base.grams = item.grams;
  base.weight_unit = item.grams < 1000 ? "g" : "kg";
  base.inventory_qty = stock_;
  base.inventory_tracker = "shopify";
  base.fulfillment_service = "manual";
  if (random.below(4) == 0) {
    std::int64_t step = price_of(1 + units / 4, exponent_, 0);
    add_variants(product, shelf.option, step, random, std::move(base));
  } else {
    product.variants.push_back(std::move(base));
  }
  add_images(product, random);
  return product;
}

}  // namespace stoa::shopify
