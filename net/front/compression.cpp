#include "net/front/compression.hpp"

#include "config/settings.hpp"
#include "net/front/answer_cache.hpp"
#include "net/front/etags.hpp"
#include "net/front/route.hpp"
#include "net/http/field_list.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <chrono>

namespace stoa::front {

namespace {

/// Images and archives are compressed already.
bool is_text(std::string_view type) {
  const auto essence = type.substr(0, type.find(';'));
  return essence.starts_with("text/") || essence.ends_with("json") || essence.ends_with("xml") ||
         essence.ends_with("javascript");
}

}  // namespace

/// By coding.
struct compression::counters {
  struct of_coding {
    prometheus::Counter& answers;
    prometheus::Counter& bytes_in;
    prometheus::Counter& bytes_out;
    prometheus::Counter& seconds;
  };
  static of_coding make(prometheus::Registry& r, http::content_coding c) {
    const auto add = [&](const char* name, const char* help) -> prometheus::Counter& {
      return prometheus::BuildCounter().Name(name).Help(help).Register(r).Add(
          {{"coding", std::string(http::to_string(c))}});
    };
    return {add("stoa_http_compressed_responses_total", "Compressed responses"),
            add("stoa_http_compression_input_bytes_total",
                "Size of compressed responses before compression"),
            add("stoa_http_compression_output_bytes_total",
                "Size of compressed responses after compression"),
            add("stoa_http_compression_seconds_total", "Time spent compressing responses")};
  }
  explicit counters(prometheus::Registry& r)
      : gzip(make(r, http::content_coding::gzip)), zstd(make(r, http::content_coding::zstd)) {}

  of_coding gzip;
  of_coding zstd;
};

compression::compression(const http_settings& config, prometheus::Registry* registry)
    : enabled_(config.compression),
      bytes_min_(static_cast<std::size_t>(config.compression_bytes_min)),
      bytes_max_(static_cast<std::size_t>(config.compression_bytes_max)),
      levels_{static_cast<int>(config.compression_gzip_level),
              static_cast<int>(config.compression_zstd_level)},
      counters_(registry ? std::make_unique<counters>(*registry) : nullptr) {}
compression::~compression() = default;

void compression::apply(const exchange& x, http::response& r) const {
  if (!enabled_ || r.secret || (x.matched && x.matched->info.grants_access)) return;
  // A 304 has no body, but the header fields of the full response.
  if (r.status == 304) return http::add_vary(r, "Accept-Encoding");
  if (!is_text(r.content_type) || http::has_field(r, "Content-Encoding")) return;
  const auto body = r.content();
  if (body.size() < bytes_min_ || body.size() > bytes_max_) return;
  http::add_vary(r, "Accept-Encoding");
  const auto coding =
      http::preferred_coding(http::joined_fields(x.request->headers, "Accept-Encoding"));
  if (coding == http::content_coding::identity) return;
  auto coded = x.reused ? x.reused->coded(coding) : nullptr;
  if (!coded) {
    coded = encode(body, coding);
    if (coded && x.reused) x.reused->keep_coded(coding, coded);
  }
  if (!coded) return;
  r.body.clear();
  r.shared_body = std::move(coded);
  for (auto& [name, value] : r.headers) {
    if (name == "ETag") value = coded_tag(value, http::to_string(coding));
  }
  r.headers.emplace_back("Content-Encoding", http::to_string(coding));
}

std::shared_ptr<const std::string> compression::encode(std::string_view body,
                                                       http::content_coding coding) const {
  const auto before = std::chrono::steady_clock::now();
  auto coded = http::encode(body, coding, levels_);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  if (counters_) {
    auto& c = coding == http::content_coding::gzip ? counters_->gzip : counters_->zstd;
    c.answers.Increment();
    c.bytes_in.Increment(static_cast<double>(body.size()));
    c.bytes_out.Increment(static_cast<double>(coded ? coded->size() : body.size()));
    c.seconds.Increment(took.count());
  }
  return coded ? std::make_shared<const std::string>(std::move(*coded)) : nullptr;
}

}  // namespace stoa::front
