#include "actors/kernel/codec.hpp"

#include "actors/kernel/value_type.hpp"

#include <stdexcept>

namespace stoa::kernel {

namespace {

struct refusal {
  stoa::problem problem;
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(refusal, (), (problem, replayed))

/// The JSON form of an event with its run.
struct event_of_run : event {
  std::optional<outbox_run> outbox;
};
BOOST_DESCRIBE_STRUCT(event_of_run, (event), (outbox))

/// Reads leniently into `out`; returns the problem on failure. (Not result<T>, which cannot hold a
/// struct whose first member is a problem.)
std::optional<problem> read_wire(std::string_view what, std::string_view text,
                                 json::detail::reader read, void* out) {
  const auto parsed = json::parse(text, json::stored_limits);
  if (!parsed) return malformed_message(what, parsed.error());
  auto refused = json::detail::bind(*parsed, false, read, out);
  if (!refused) return std::nullopt;
  return malformed_message(what, *refused);
}
template <class T>
std::optional<problem> read_wire(std::string_view what, std::string_view text, T& out) {
  return read_wire(what, text, json::detail::reader_of<T>(), &out);
}

/// The JSON form of an answer.
struct wire_answer_body {
  const value_type* type = nullptr;  ///< of the value
  std::shared_ptr<void> value;
  std::optional<stoa::problem> problem;
  bool replayed = false;
};

bool read_answer_value(const json::value& v, void* out, json::detail::reading& r,
                       const json::detail::path& at) {
  auto& body = *static_cast<wire_answer_body*>(out);
  if (v.is_null()) return true;
  body.value = body.type->make();
  return body.type->read(v, body.value.get(), r, at);
}

bool read_answer(const json::value& v, void* out, json::detail::reading& r,
                 const json::detail::path& at) {
  using json::detail::reader_of;
  static constexpr json::detail::member_reader members[] = {
      {"value", &read_answer_value, false, json::no_rule, nullptr},
      {"problem", reader_of<std::optional<problem>>(), false, json::no_rule, nullptr},
      {"replayed", reader_of<bool>(), true, json::no_rule, nullptr}};
  auto& body = *static_cast<wire_answer_body*>(out);
  void* const addresses[] = {&body, &body.problem, &body.replayed};
  return json::detail::read_members(v, members, {}, addresses, r, at);
}

problem unknown_message(std::string_view name) {
  return {
      problem_kind::malformed, "unknown_message", "Unknown message " + std::string(name) + ".", {}};
}

}  // namespace

std::uint64_t route_of(std::string_view key) noexcept {
  std::uint64_t h = 0xCBF29CE484222325;
  for (char c : key) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001B3;
  h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCD;
  h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53;
  return h ^ (h >> 33);
}

std::uint64_t route_of(const uuid& key) noexcept {
  return route_of({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
}

std::optional<std::uint64_t> route_of(const message_codec* codec, const any_message& m,
                                      const call_context& context) {
  if (codec && codec->routed) return codec->route(m);
  if (context.idempotency_scope.empty()) return std::nullopt;
  return route_of(context.idempotency_scope);
}

std::string message_codec::encode(const any_message& m) const {
  return json_of(*message, m.body());
}

result<any_message> message_codec::decode(std::string_view text) const {
  auto body = message->make();
  if (auto refused = read_wire(kind->name, text, message->read, body.get())) {
    return std::move(*refused);
  }
  return any_message::of(*kind, std::move(body));
}

std::string message_codec::encode_answer(const answer& a) const {
  if (a.error) return encode_refusal(*a.error, a.replayed);
  std::string out = R"({"value":)";
  reply->write(out, a.value.get());
  out.append(a.replayed ? R"(,"replayed":true})" : R"(,"replayed":false})");
  return out;
}

result<answer> message_codec::decode_answer(std::string_view text) const {
  wire_answer_body body;
  body.type = reply;
  if (auto refused = read_wire("an answer", text, &read_answer, &body)) return std::move(*refused);
  if ((body.value != nullptr) == body.problem.has_value()) {
    return malformed_message(
        "an answer",
        {problem_kind::malformed, {}, "Exactly one of value and problem is required.", {}});
  }
  return answer{std::move(body.value), std::move(body.problem), body.replayed};
}

void codec_table::add(std::span<const message_codec> codecs) {
  for (const auto& c : codecs) {
    const auto [place, added] = codecs_.try_emplace(c.kind->name, c);
    if (!added && place->second.kind != c.kind) {
      throw std::logic_error("two messages have the name " + std::string(c.kind->name));
    }
  }
}

const message_codec* codec_table::find(std::string_view name) const {
  const auto it = codecs_.find(name);
  return it == codecs_.end() ? nullptr : &it->second;
}

result<std::string> codec_table::encode(const any_message& message) const {
  const auto* codec = find(message.name());
  if (codec == nullptr || codec->kind != message.kind()) return unknown_message(message.name());
  return codec->encode(message);
}

result<any_message> codec_table::decode(std::string_view name, std::string_view text) const {
  const auto* codec = find(name);
  if (codec == nullptr) return unknown_message(name);
  return codec->decode(text);
}

std::string encode_context(const call_context& context) {
  return json::write(context);
}

result<call_context> decode_context(std::string_view text) {
  call_context context;
  if (auto refused = read_wire("a call's context", text, context)) {
    return std::move(*refused);
  }
  return context;
}

std::string encode_event(const event& e) {
  return json::write(e);
}

result<event> decode_event(std::string_view text) {
  event e;
  if (auto refused = read_wire("an event", text, e)) return std::move(*refused);
  return e;
}

std::string encode_sent(const sent_event& e) {
  auto text = encode_event(*e.what);
  if (!e.from) return text;
  text.back() = ',';
  text += "\"outbox\":";
  json::write_to(text, *e.from);
  text += '}';
  return text;
}

result<sent_event> decode_sent(std::string_view text) {
  event_of_run e;
  if (auto refused = read_wire("an event", text, e)) return std::move(*refused);
  run_ptr from;
  if (e.outbox) from = std::make_shared<outbox_run>(std::move(*e.outbox));
  return sent_event{std::make_shared<event>(std::move(static_cast<event&>(e))), std::move(from)};
}

std::string encode_refusal(const problem& why, bool replayed) {
  return json::write(refusal{why, replayed});
}

problem malformed_message(std::string_view what, const problem& cause) {
  return {problem_kind::malformed, "malformed_message",
          "Cannot read " + std::string(what) + ": " + cause.detail, cause.errors};
}

}  // namespace stoa::kernel
