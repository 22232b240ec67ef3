#include "net/media/s3_store.hpp"

#include "storage/base/service_clock.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace stoa::media {

namespace {

using std::chrono::milliseconds;

constexpr int attempts_max = 3;
constexpr milliseconds first_pause{200};
constexpr milliseconds look_interval{50};
/// Of an error's XML body.
constexpr std::size_t code_length_max = 64;

outbound::client_config client_config_of(const s3_options& o) {
  outbound::client_config c;
  c.name = "media";
  // The operator chooses the server; it may be in a private network.
  c.allowed_networks = parse_networks({"0.0.0.0/0", "::/0"});
  c.in_flight_max = o.requests_max;
  c.in_flight_per_host_max = o.requests_max;
  c.metrics = o.metrics;
  return c;
}

bool is_passing_status(int status) {
  return status == 408 || status == 429 || status >= 500;
}

/// The content of <Code> in an error of S3, for the log; empty if there is none.
std::string code_in(std::string_view body) {
  constexpr std::string_view begin = "<Code>";
  const auto at = body.find(begin);
  if (at == body.npos) return {};
  auto code = body.substr(at + begin.size(), code_length_max);
  code = code.substr(0, code.find('<'));
  const bool is_plain = std::ranges::all_of(code, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  return is_plain ? std::string(code) : std::string();
}

/// A missing bucket is an error of the settings rather than a missing file.
bool has_no_bucket(const outbound::response& r) {
  return code_in(r.body) == "NoSuchBucket";
}

std::string reason_of(const outbound::completion& c) {
  if (c.how != outbound::outcome::completed) return std::string(outbound::name_of(c.how));
  auto reason = "status " + std::to_string(c.answer.status);
  if (const auto code = code_in(c.answer.body); !code.empty()) reason += " " + code;
  return reason;
}

[[noreturn]] void fail_at(const std::string& method, const outbound::completion& c) {
  throw store_error("the media server failed: " + method + ": " + reason_of(c));
}

}  // namespace

s3_store::s3_store(s3_options options)
    : options_(std::move(options)), client_(client_config_of(options_)) {
  const auto mark = options_.endpoint.find("://");
  if (mark == std::string::npos) throw store_error("media.s3_endpoint is not a URL");
  scheme_ = options_.endpoint.substr(0, mark);
  const auto slash = options_.endpoint.find('/', mark + 3);
  host_ = options_.endpoint.substr(mark + 3, slash == std::string::npos ? slash : slash - mark - 3);
  path_ = slash == std::string::npos ? "" : options_.endpoint.substr(slash);
  if (options_.path_style) {
    path_ += "/" + options_.bucket;
  } else {
    host_ = options_.bucket + "." + host_;
  }
  path_ += "/" + options_.prefix;
  // Clients leave out the usual port of the scheme in the Host field, which is signed.
  const std::string usual_port = scheme_ == "https" ? ":443" : ":80";
  if (host_.ends_with(usual_port)) host_.resize(host_.size() - usual_port.size());
}

outbound::request s3_store::signed_request(const call& c) const {
  const auto now = store_time().now();
  aws_request to_sign;
  to_sign.method = c.method;
  to_sign.host = host_;
  to_sign.path = path_ + c.name;
  to_sign.payload_hash = sha256_hex(c.body);
  to_sign.region = options_.region;
  to_sign.headers = {{"x-amz-content-sha256", to_sign.payload_hash}, {"x-amz-date", aws_date(now)}};
  if (!c.content_type.empty()) {
    to_sign.headers.emplace_back("content-type", c.content_type);
    to_sign.headers.emplace_back("cache-control", "public, max-age=31536000, immutable");
  }
  outbound::request r;
  r.method = c.method;
  r.url = scheme_ + "://" + host_ + to_sign.path;
  r.headers.assign(to_sign.headers.begin(), to_sign.headers.end());
  r.headers.emplace_back("Authorization", aws_authorization(to_sign, options_.key, now));
  r.body = std::string(c.body);
  r.timeout = options_.timeout;
  r.connect_timeout = std::min(r.connect_timeout, options_.timeout);
  r.response_bytes_max = c.answer_bytes_max;
  return r;
}

outbound::completion s3_store::attempt(const call& c) {
  auto promised = std::make_shared<std::promise<outbound::completion>>();
  auto answer = promised->get_future();
  const auto id = client_.submit(signed_request(c), [promised](outbound::completion done) {
    promised->set_value(std::move(done));
  });
  // The client calls back by the time limit.
  while (answer.wait_for(look_interval) != std::future_status::ready) {
    if (stopping_) client_.cancel(id);
  }
  return answer.get();
}

void s3_store::pause(milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(look_interval);
  }
}

outbound::response s3_store::send(const call& c) {
  for (int number = 1;; ++number) {
    auto done = attempt(c);
    const bool is_answered = done.how == outbound::outcome::completed;
    if (is_answered && !is_passing_status(done.answer.status)) return std::move(done.answer);
    const bool is_final = done.how == outbound::outcome::canceled ||
                          done.how == outbound::outcome::invalid_request ||
                          done.how == outbound::outcome::too_large;
    if (is_final || number == attempts_max || stopping_) fail_at(c.method, done);
    pause(first_pause * (1 << (number - 1)));
  }
}

void s3_store::put(const std::string& name, std::string_view content_type, std::string_view bytes) {
  const auto answer = send({"PUT", name, content_type, bytes});
  if (answer.status != 200) fail_at("PUT", {outbound::outcome::completed, {}, true, answer});
}

std::optional<std::string> s3_store::get(const std::string& name, std::size_t bytes_max) {
  auto answer = send({"GET", name, {}, {}, bytes_max});
  if (answer.status == 404 && !has_no_bucket(answer)) return std::nullopt;
  if (answer.status != 200) fail_at("GET", {outbound::outcome::completed, {}, true, answer});
  return std::move(answer.body);
}

void s3_store::remove(const std::string& name) {
  const auto answer = send({"DELETE", name});
  if (answer.status == 200 || answer.status == 204) return;
  if (answer.status == 404 && !has_no_bucket(answer)) return;
  fail_at("DELETE", {outbound::outcome::completed, {}, true, answer});
}

}  // namespace stoa::media
