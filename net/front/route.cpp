#include "net/front/route.hpp"

namespace stoa::front {

namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t at = path.starts_with('/') ? 1 : 0;
  while (at <= path.size()) {
    auto end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// The class of a route that does not set one.
limit_class usual_class(const route& r) {
  if (r.info.vital) return limit_class::none;
  if (r.info.who == access::staff || r.info.who == access::admin) return limit_class::staff;
  return r.method == http::method::get ? limit_class::read : limit_class::write;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

void routes::place(std::unique_ptr<route> r) {
  if (r->info.limit == limit_class::by_method) r->info.limit = usual_class(*r);
  node* at = &root_;
  for (auto segment : split(r->path)) {
    r->segments.emplace_back(segment);
    if (is_parameter(segment)) {
      r->parameters.emplace_back(segment.substr(1, segment.size() - 2));
      if (!at->any) at->any = std::make_unique<node>();
      at = at->any.get();
    } else {
      auto& next = at->named[std::string(segment)];
      if (!next) next = std::make_unique<node>();
      at = next.get();
    }
  }
  for (const auto* other : at->here) {
    if (other->method == r->method) throw std::logic_error("two routes for " + r->path);
  }
  at->here.push_back(r.get());
  list_.push_back(std::move(r));
}

const routes::node* routes::walk(const node& at, std::span<const std::string_view> rest,
                                 std::vector<std::string>& values) {
  if (rest.empty()) return at.here.empty() ? nullptr : &at;
  if (auto it = at.named.find(rest.front()); it != at.named.end()) {
    if (const node* found = walk(*it->second, rest.subspan(1), values)) return found;
  }
  if (!at.any || rest.front().empty()) return nullptr;
  values.emplace_back(rest.front());
  if (const node* found = walk(*at.any, rest.subspan(1), values)) return found;
  values.pop_back();
  return nullptr;
}

route_match routes::match(http::method m, std::string_view path) const {
  route_match result;
  auto parts = split(path);
  const node* found = walk(root_, parts, result.values);
  if (!found) return result;
  // HEAD is GET without the body, which the HTTP server omits (RFC 9110, section 9.3.2).
  auto wanted = m == http::method::head ? http::method::get : m;
  for (const auto* r : found->here) {
    if (r->method == wanted) result.found = r;
    result.allowed.push_back(r->method);
  }
  return result;
}

}  // namespace stoa::front
