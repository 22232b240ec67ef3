#include "net/nats/cloud_event.hpp"

#include "net/nats/names.hpp"
#include "storage/base/json_read.hpp"

#include <charconv>

namespace stoa::nats {

namespace {

constexpr std::string_view spec_version_spoken = "1.0";
constexpr std::string_view json_type = "application/json";

bool stands_for_itself(char c) {
  return c > ' ' && c < 0x7F && c != '"' && c != '%';
}

/// A header value as CloudEvents encodes it: percent-encoding by the HTTP binding, 3.1.3.2.
std::string encoded(std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(value.size());
  for (char c : value) {
    if (stands_for_itself(c)) {
      out.push_back(c);
    } else {
      auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decoded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool escape = value[i] == '%' && i + 2 < value.size() && digit_value(value[i + 1]) >= 0 &&
                        digit_value(value[i + 2]) >= 0;
    if (escape) {
      out.push_back(static_cast<char>(digit_value(value[i + 1]) * 16 + digit_value(value[i + 2])));
      i += 2;
    } else {
      out.push_back(value[i]);
    }
  }
  return out;
}

/// Reads the headers of one message and keeps the first error.
class header_reader {
 public:
  explicit header_reader(const header_lookup& find) : find_(find) {}

  std::string optional(const char* name) const {
    const char* value = find_(name);
    return value != nullptr ? decoded(value) : std::string();
  }
  std::string text(const char* name) {
    auto value = optional(name);
    if (value.empty()) report(name, "is missing");
    return value;
  }
  /// T: a type with a static parse().
  template <class T>
  T parsed(const char* name) {
    auto value = text(name);
    auto read = T::parse(value);
    if (!read) report(name, "is malformed");
    return read.value_or(T{});
  }
  std::int64_t count(const char* name) {
    auto value = text(name);
    std::int64_t n = -1;
    auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), n);
    if (failed != std::errc() || end != value.data() + value.size() || n < 0) {
      report(name, "is not a non-negative integer");
    }
    return n;
  }
  void report(std::string_view what, std::string_view error) {
    if (wrong_.empty()) wrong_ = std::string(what).append(" ").append(error);
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const header_lookup& find_;
  std::string wrong_;
};

/// "application/json", with or without parameters.
bool is_json(std::string_view content_type) {
  return content_type.starts_with(json_type) &&
         (content_type.size() == json_type.size() || content_type[json_type.size()] == ';');
}

}  // namespace

header_list headers_of(std::string_view stream, const kernel::published& what, timestamp sent) {
  const kernel::event& e = *what.what;
  auto id = e.event_id.str();
  header_list list{{header::message_id, id},
                   {header::content_type, std::string(json_type)},
                   {header::spec_version, std::string(spec_version_spoken)},
                   {header::id, std::move(id)},
                   {header::source, encoded(source_uri(stream, e.source))},
                   {header::type, encoded(e.type)},
                   {header::time, e.created_at.str()},
                   {header::subject, e.aggregate_id.str()},
                   {header::partition, std::to_string(e.partition)},
                   {header::seq, std::to_string(e.seq)},
                   {header::low_water, std::to_string(what.low_water)},
                   {header::sent, sent.str()}};
  if (!e.traceparent.empty()) list.emplace_back(header::traceparent, encoded(e.traceparent));
  return list;
}

const std::vector<const char*>& signed_headers() {
  static const std::vector<const char*> names{
      header::message_id, header::content_type, header::spec_version, header::id,
      header::source,     header::type,         header::time,         header::subject,
      header::partition,  header::seq,          header::low_water,    header::sent,
      header::traceparent};
  return names;
}

result<kernel::published> read_event(std::string_view stream, std::string_view subject,
                                     const header_lookup& find, std::string_view payload) {
  header_reader in(find);
  if (in.text(header::spec_version) != spec_version_spoken) {
    in.report(header::spec_version, "is not 1.0");
  }
  if (!is_json(in.text(header::content_type))) {
    in.report(header::content_type, "is not application/json");
  }
  kernel::event e;
  e.event_id = in.parsed<stoa::event_id>(header::id);
  e.type = in.text(header::type);
  e.aggregate_id = in.parsed<uuid>(header::subject);
  e.created_at = in.parsed<timestamp>(header::time);
  e.traceparent = in.optional(header::traceparent);
  e.partition = in.count(header::partition);
  e.seq = in.count(header::seq);
  const auto low_water = in.count(header::low_water);
  // The producer deletes an event once it is applied everywhere; this one still exists.
  if (low_water > e.seq) in.report(header::low_water, "exceeds the event's number");
  const auto source = in.text(header::source);
  const auto before = source_uri(stream, "");
  if (source.starts_with(before)) e.source = source.substr(before.size());
  if (subject != subject_of(stream, e.source, e.type)) {
    in.report("the subject", "does not match the event's source and type");
  }
  kernel::run_ptr from;
  if (const char* text = find(header::outbox)) {
    auto read = json::read_lenient<kernel::outbox_run>(text);
    if (read) {
      from = std::make_shared<kernel::outbox_run>(std::move(*read));
    } else {
      in.report(header::outbox, "is malformed");
    }
  }
  if (!in.wrong().empty())
    return problem{problem_kind::malformed, "malformed_event", in.wrong(), {}};
  e.payload = payload;
  return kernel::published{std::make_shared<const kernel::event>(std::move(e)), low_water,
                           std::move(from)};
}

}  // namespace stoa::nats
