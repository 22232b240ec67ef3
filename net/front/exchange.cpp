#include "net/front/exchange.hpp"

#include "actors/kernel/entity_tag.hpp"
#include "config/settings.hpp"
#include "net/front/etags.hpp"
#include "net/front/list_cursor.hpp"
#include "net/front/own_writes.hpp"
#include "net/front/route.hpp"
#include "net/http/field_list.hpp"
#include "net/http/percent.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::front {

namespace {

constexpr std::string_view order_token_prefix = "ot_";
const std::string if_match = "If-Match";
const std::string if_none_match = "If-None-Match";

[[noreturn]] void refuse_precondition(const std::string& name) {
  fail({400,
        "invalid_precondition",
        name + " must be \"*\" or a list of entity tags in quotes, as returned in ETag.",
        {{"#" + name, "format", "for example \"1f9d08c2\""}}});
}

/// The tags of If-Match or If-None-Match; nothing without such a field.
std::optional<tag_list> tags_of(const http::request& r, const std::string& name, bool lenient) {
  const auto field = http::joined_fields(r.headers, name);
  if (!field) return std::nullopt;
  auto tags = parse_tags(*field);
  if (!tags && !lenient) refuse_precondition(name);
  return tags;
}

json::array comma_separated(std::string_view text) {
  json::array list;
  while (true) {
    const auto comma = text.find(',');
    list.emplace_back(std::string(text.substr(0, comma)));
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

/// Parameters that do not change which rows a page has: cursors are the same with and without them.
bool shows_only(std::string_view name) {
  return name == "limit" || name == "fields" || name == "expand" || name == "count" ||
         name == "facets";
}

}  // namespace

const std::string& exchange::path_value(std::string_view name) const {
  for (std::size_t i = 0; i < matched->parameters.size(); ++i) {
    if (matched->parameters[i] == name) return path_values[i];
  }
  throw std::logic_error("the route has no {" + std::string(name) + "}");
}

/// A request that changes something reads from the primary only: what it reads may decide the
/// change.
bool exchange::may_lag(std::string_view service) const {
  const auto method = request->method;
  if (shared->writes == nullptr) return false;
  if (method != http::method::get && method != http::method::head) return false;
  // Planted fault: reads do not follow the client's own writes.
  if (fault("forget_own_writes")) return true;
  if (client_writes.contains(service)) return false;
  return !context.who.is_user() ||
         !shared->writes->has_written(context.who.user, service, std::chrono::steady_clock::now());
}

/// Services that apply the command's event change, too.
void exchange::note_write(const std::string& service, const kernel::awaited_event* awaited) {
  if (shared->writes == nullptr) return;
  written.insert(service);
  if (awaited == nullptr) return;
  for (const auto& type : awaited->types) {
    if (type.starts_with(kernel::applied_by))
      written.insert(type.substr(kernel::applied_by.size()));
  }
}

callback_wait<kernel::answer> exchange::wait_command(std::string service, kernel::any_message m) {
  note_write(service);
  return callback_wait<kernel::answer>(
      [this, service = std::move(service), m = std::move(m)](auto then) mutable {
        port->command(service, std::move(m), context, std::move(then));
      });
}

callback_wait<kernel::answer> exchange::wait_query(std::string service, kernel::any_message m) {
  return callback_wait<kernel::answer>(
      [this, service = std::move(service), m = std::move(m)](auto then) mutable {
        auto asked = context;
        asked.may_lag = may_lag(service);
        port->query(service, std::move(m), std::move(asked), std::move(then));
      });
}

callback_wait<std::pair<kernel::answer, kernel::event_ptr>> exchange::wait_outcome(
    std::string service, kernel::any_message m, kernel::awaited_event what) {
  place.leave();  // The waiting time depends on others, such as a payment gateway.
  note_write(service, &what);
  return callback_wait<std::pair<kernel::answer, kernel::event_ptr>>(
      [this, service = std::move(service), m = std::move(m),
       what = std::move(what)](auto then) mutable {
        port->command_and_watch(service, std::move(m), context, std::move(what),
                                [then = std::move(then)](kernel::answer a, kernel::event_ptr e) {
                                  then({std::move(a), std::move(e)});
                                });
      });
}

pending<kernel::answer> exchange::start_now(const std::string& service, kernel::any_message m) {
  note_write(service);
  auto aside = context;
  aside.idempotency_scope.clear();
  aside.fingerprint.clear();
  pending<kernel::answer> answer;
  port->command(service, std::move(m), std::move(aside), answer.setter());
  return answer;
}

pending<kernel::event_ptr> exchange::watch_now(const std::string& service,
                                               kernel::awaited_event what) {
  place.leave();
  pending<kernel::event_ptr> outcome;
  port->watch(service, std::move(what), outcome.setter());
  return outcome;
}

pending<kernel::event_ptr> exchange::applied_now(const std::string& service,
                                                 const uuid& aggregate) {
  return watch_now(service,
                   {aggregate, applied({}), milliseconds{shared->config->relay.applied_wait_ms}});
}

const result<json::value>& exchange::parsed_body() {
  if (!parsed_body_) {
    const auto& config = *shared->config;
    json::limits l;
    l.depth_max = static_cast<int>(config.json.depth_max);
    l.bytes_max = static_cast<std::size_t>(config.http.body_bytes_max);
    l.values_max =
        std::min(static_cast<std::size_t>(config.json.values_max), matched->info.json_values_max);
    parsed_body_ = json::parse(request->body, l);
  }
  return *parsed_body_;
}

result<json::value> exchange::take_parsed_body() {
  parsed_body();
  auto taken = std::move(*parsed_body_);
  parsed_body_.reset();
  return taken;
}

std::string exchange::list_identity() const {
  std::string list = request->path;
  if (matched->info.who != access::anyone) list += "\n" + context.who.str();
  std::vector<std::string> filters;
  for (const auto& [name, value] : query_pairs->pairs()) {
    if (name == "cursor" || shows_only(name)) continue;
    filters.push_back("\n" + http::percent_encode(name) + "=" + http::percent_encode(value));
  }
  std::sort(filters.begin(), filters.end());
  for (const auto& f : filters) list += f;
  return list;
}

std::string exchange::signed_cursor(std::string_view position) const {
  return sign_cursor(shared->secret->bytes, list_identity(), position);
}

std::string exchange::verified_cursor(std::string_view cursor) const {
  auto position = verify_cursor(shared->secret->bytes, list_identity(), cursor);
  if (!position) fail(invalid_cursor());
  return std::move(*position);
}

void exchange::add_query_value(json::object& values, std::string_view name, query_kind kind) const {
  auto found = query_pairs->find(name);
  if (!found) return;
  json::value v{name == "cursor" ? verified_cursor(*found) : std::string(*found)};
  if (kind == query_kind::number) {
    std::int64_t parsed = 0;
    auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), parsed);
    if (error == std::errc{} && end == found->data() + found->size()) v = json::value(parsed);
  } else if (kind == query_kind::boolean && (*found == "true" || *found == "false")) {
    v = json::value(*found == "true");
  } else if (kind == query_kind::list) {
    v = json::value(comma_separated(*found));
  }
  values.push_back({std::string(name), std::move(v)});
}

void exchange::check_query_names(std::size_t known, const json::object& values) const {
  std::vector<field_error> errors;
  for (const auto& [name, value] : query_pairs->pairs()) {
    bool listed = false;
    for (std::size_t i = 0; i < known && !listed; ++i) listed = values[i].name == name;
    listed = listed || is_shape_parameter(name, matched->shape);
    if (listed) continue;
    errors.push_back(
        {"?" + name, "unknown",
         name == "access_token"
             ? "Tokens are not accepted in URLs, which are logged and stored by browsers. Use "
               "the header Authorization: Bearer <token>."
             : "Unknown query parameter."});
  }
  if (!errors.empty()) {
    fail({400, "invalid_request", "The query has unknown parameters.", std::move(errors)});
  }
}

problem exchange::as_query_problem(problem p) {
  if (p.kind == problem_kind::validation) {
    p.kind = problem_kind::malformed;
    p.code = "invalid_request";
    p.detail = "The query has invalid parameter values.";
  }
  for (auto& e : p.errors) {
    if (e.pointer.starts_with('/')) e.pointer[0] = '?';
  }
  return p;
}

void exchange::add_next_link(http::response& r, const std::string& cursor) const {
  std::string link = "<" + request->path + "?";
  for (const auto& [name, value] : query_pairs->pairs()) {
    // The first page has the total: no need to count again.
    if (name == "cursor" || name == "count") continue;
    link += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
  }
  link += "cursor=" + http::percent_encode(cursor) + ">; rel=\"next\"";
  r.headers.emplace_back("Link", std::move(link));
}

http::response exchange::with_etag(http::response r) const {
  const auto opaque = kernel::entity_tag(r.content());
  return with_etag(std::move(r), opaque);
}

http::response exchange::with_etag(http::response r, std::string_view opaque) const {
  auto etag = quoted_tag(opaque);
  if (request->method == http::method::get || request->method == http::method::head) {
    const auto match = tags_of(*request, if_match, false);
    if (match && !match->matches_strongly(opaque)) {
      fail({412,
            "precondition_failed",
            "The resource has changed: If-Match does not match its current ETag.",
            {{"#If-Match", "outdated", "fetch the resource without If-Match"}}});
    }
    // A malformed value matches none of the server's tags: the full response is correct.
    const auto known = tags_of(*request, if_none_match, true);
    if (auto same = known ? known->named(opaque, etag) : std::nullopt) {
      r.status = 304;
      r.body.clear();
      r.shared_body.reset();
      r.content_type.clear();
      etag = std::move(*same);
    }
  }
  r.headers.emplace_back("ETag", std::move(etag));
  return r;
}

std::optional<kernel::precondition> exchange::precondition() const {
  kernel::precondition asked;
  if (const auto match = tags_of(*request, if_match, false); match && !match->any) {
    auto& strong = asked.match.emplace();
    for (const auto& t : match->tags) {
      if (!t.weak) strong.push_back(t.opaque);
    }
  }
  if (const auto differ = tags_of(*request, if_none_match, false)) {
    asked.absent = differ->any;
    for (const auto& t : differ->tags) asked.differ.push_back(t.opaque);
  }
  if (asked == kernel::precondition{}) return std::nullopt;
  return asked;
}

std::string exchange::token_of(stoa::order_id id) const {
  return std::string(order_token_prefix) +
         text::base64url(text::keyed_hash(shared->secret->bytes, "order-token:" + id.str()));
}

bool exchange::shows_token_of(stoa::order_id id) const {
  return order_token && text::equal_secret(*order_token, token_of(id));
}

}  // namespace stoa::front
