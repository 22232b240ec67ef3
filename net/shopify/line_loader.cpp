#include "net/shopify/line_loader.hpp"

#include "actors/catalog/line_types.hpp"
#include "storage/base/json_write.hpp"

#include <stdexcept>
#include <utility>

namespace stoa::shopify {

namespace {

// As in catalog_loader.
constexpr std::size_t lines_at_once = price_batch::lines_max;
constexpr std::size_t line_bytes_at_once = std::size_t{4} << 20;
constexpr std::size_t variant_bytes = 1000;

std::size_t weight_of(const catalog::import_line& m, std::size_t bytes) {
  const bool any = m.product && m.product->variants.value;
  return bytes + (any ? m.product->variants.value->size() * variant_bytes : 0);
}

std::size_t rows_of(const loaded_line& line) {
  return line.product ? line.product->rows : 1;
}

}  // namespace

bool line_splitter::next(std::string& text, bool& too_long) {
  using traits = std::istream::traits_type;
  auto* buffer = in_.rdbuf();
  for (;;) {
    text.clear();
    too_long = false;
    auto c = buffer->sbumpc();
    if (traits::eq_int_type(c, traits::eof())) return false;
    for (; !traits::eq_int_type(c, traits::eof()); c = buffer->sbumpc()) {
      ++bytes_;
      if (c == '\n') break;
      if (text.size() <= catalog::line_bytes_max) text += traits::to_char_type(c);
    }
    ++number_;
    too_long = text.size() > catalog::line_bytes_max;
    if (number_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.ends_with('\r')) text.pop_back();
    if (text.find_first_not_of(" \t") != std::string::npos) return true;
  }
}

line_loader::line_loader(catalog_target& target, line_options options, line_report& report)
    : target_(target), options_(std::move(options)), report_(report) {}

bool line_loader::add_next(line_splitter& from) {
  std::string text;
  bool too_long = false;
  if (!from.next(text, too_long)) return false;
  if (too_long) {
    add(problem{problem_kind::malformed,
                "malformed_json",
                "A line has at most " + std::to_string(catalog::line_bytes_max) + " bytes.",
                {}},
        {from.number(), {}}, 0, {});
    return true;
  }
  auto line = read_file_line(text);
  const loaded_line which{from.number(), line ? object_of(*line) : std::string(), {}};
  const auto bytes = text.size();
  add(std::move(line), which, bytes, std::move(text));
  return true;
}

bool line_loader::add_next(product_csv::product_reader& from) {
  auto next = from.next();
  if (!next) return false;
  const auto json = std::exchange(next->line, {});
  const auto product = std::make_shared<const product_csv::product_rows>(std::move(*next));
  auto line = product->errors.empty() ? catalog::read_line(json) : invalid({});
  auto object = line ? result<file_line>(std::move(*line)) : result<file_line>(line.error());
  add(std::move(object), {product->places.product, product->object, product}, product->bytes,
      options_.dry_run ? json::write(json) : std::string());
  return true;
}

void line_loader::add(result<file_line> line, const loaded_line& which, std::size_t bytes,
                      std::string text) {
  const bool is_price = line && !std::holds_alternative<catalog::import_line>(*line);
  if (line && (is_price ? has_sent_ : !prices_.empty())) flush();
  const auto number = number_++;
  // Lines that are not sent count, too, so that the numbers within a batch stay close.
  ++waiting_;
  rows_ += rows_of(which);
  std::shared_ptr<tried_line> tried;
  if (line && options_.dry_run) {
    tried = std::make_shared<tried_line>(tried_line{*line, std::move(text)});
  }
  if (!line) {
    refuse(which, line.error());
  } else if (is_price) {
    prices_.push_back({number, std::move(*line)});
    waiting_prices_.push_back({which, std::move(tried)});
    waiting_bytes_ += bytes;
  } else {
    auto& m = std::get<catalog::import_line>(*line);
    m.step = options_.step;
    if (m.step) m.step->number = number;
    send(std::move(m), which, bytes, std::move(tried));
  }
  if (waiting_ >= lines_at_once || waiting_bytes_ >= line_bytes_at_once) flush();
}

void line_loader::send(catalog::import_line m, const loaded_line& which, std::size_t bytes,
                       std::shared_ptr<const tried_line> tried) {
  m.set_stock = options_.set_stock;
  m.dry_run = options_.dry_run;
  waiting_bytes_ += weight_of(m, bytes);
  has_sent_ = true;
  target_.send(std::move(m), [this, which, tried = std::move(tried)](const auto& a) {
    take(a, which, tried.get());
  });
}

void line_loader::flush() {
  target_.flush();
  flush_prices();
  waiting_ = 0;
  waiting_bytes_ = 0;
  has_sent_ = false;
  if (!failure_.empty()) throw std::runtime_error("cannot save to the store: " + failure_);
  if (std::exchange(ended_, false)) throw import_ended{};
}

void line_loader::flush_prices() {
  if (prices_.empty()) return;
  price_batch batch(target_, options_.dry_run, options_.step, std::exchange(prices_, {}));
  const auto answers = batch.run();
  const auto lines = std::exchange(waiting_prices_, {});
  for (std::size_t i = 0; i < lines.size(); ++i) {
    take(answers[i], lines[i].which, lines[i].tried.get());
  }
}

void line_loader::take(const kernel::answer& a, const loaded_line& line, const tried_line* tried) {
  if (!tried || !is_explained(a, line, *tried)) take(a, line);
}

void line_loader::refuse(const loaded_line& line, const problem& why) {
  ++counts_.refused;
  rows_refused_ += rows_of(line);
  report_.refused(line, why);
}

bool line_loader::is_explained(const kernel::answer& a, const loaded_line& line,
                               const tried_line& tried) {
  const bool explained = a.error && made_.explain(*a.error, tried.text);
  if (explained || !a.error) made_.add(tried.line);
  if (!explained) return false;
  ++counts_.created;
  catalog::import_answer answer;
  answer.outcome = catalog::import_outcome::created;
  report_.changes(line, answer);
  return true;
}

void line_loader::take(const kernel::answer& a, const loaded_line& line) {
  if (a.error) {
    // 503: a database failure, which would reject all later lines too.
    if (is_transient(*a.error)) {
      failure_ = reason_of(*a.error);
    } else if (a.error->code == "import_finished") {
      ended_ = true;
    } else {
      refuse(line, *a.error);
    }
    return;
  }
  const auto& answer = *static_cast<const catalog::import_answer*>(a.value.get());
  auto& count = answer.outcome == catalog::import_outcome::created   ? counts_.created
                : answer.outcome == catalog::import_outcome::updated ? counts_.updated
                                                                     : counts_.unchanged;
  ++count;
  for (const auto& note : answer.notes) report_.note(line, note);
  if (options_.dry_run) report_.changes(line, answer);
}

}  // namespace stoa::shopify
