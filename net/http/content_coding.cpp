#include "net/http/content_coding.hpp"

#include "net/http/field_list.hpp"

#include <memory>
#include <zlib.h>
#include <zstd.h>

namespace stoa::http {

namespace {

/// The weights in a field; empty where not specified.
struct weights {
  std::optional<int> identity;
  std::optional<int> gzip;
  std::optional<int> zstd;
  std::optional<int> others;

  std::optional<int>* find(std::string_view name) {
    if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) return &gzip;
    if (equals_ignoring_case(name, "zstd")) return &zstd;
    if (equals_ignoring_case(name, "identity")) return &identity;
    if (name == "*") return &others;
    return nullptr;
  }
};

weights parse(std::string_view field) {
  weights all;
  for (const auto one : split_list(field)) {
    const auto parts = split_list(one, ';');
    if (parts.empty() || parts.size() > 2) continue;
    const auto weight = parts.size() == 2 ? weight_of(parts[1]) : full_weight;
    auto* known = all.find(parts[0]);
    if (known && weight && !*known) *known = weight;
  }
  return all;
}

struct deflate_end {
  void operator()(z_stream* s) const {
    deflateEnd(s);
    delete s;
  }
};

std::optional<std::string> gzip(std::string_view body, int level) {
  constexpr int gzip_window_bits = 15 + 16;  // the largest window, with a gzip header
  constexpr int memory_level = 8;
  thread_local std::unique_ptr<z_stream, deflate_end> stream;
  thread_local int stream_level = 0;
  if (!stream || stream_level != level) {
    auto fresh = std::make_unique<z_stream>();
    if (deflateInit2(fresh.get(), level, Z_DEFLATED, gzip_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      return std::nullopt;
    }
    stream.reset(fresh.release());
    stream_level = level;
  } else if (deflateReset(stream.get()) != Z_OK) {
    return std::nullopt;
  }
  // A smaller output buffer: a result that is not smaller is useless.
  std::string out(body.size() - 1, '\0');
  // zlib does not write to its input; its interface lacks const.
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream->avail_in = static_cast<uInt>(body.size());
  stream->next_out = reinterpret_cast<Bytef*>(out.data());
  stream->avail_out = static_cast<uInt>(out.size());
  if (deflate(stream.get(), Z_FINISH) != Z_STREAM_END) return std::nullopt;
  out.resize(out.size() - stream->avail_out);
  return out;
}

struct context_end {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};

std::optional<std::string> zstd(std::string_view body, int level) {
  thread_local std::unique_ptr<ZSTD_CCtx, context_end> context(ZSTD_createCCtx());
  if (!context) return std::nullopt;
  std::string out(body.size() - 1, '\0');
  const auto size =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), body.data(), body.size(), level);
  if (ZSTD_isError(size)) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

std::string_view to_string(content_coding c) {
  switch (c) {
    case content_coding::gzip:
      return "gzip";
    case content_coding::zstd:
      return "zstd";
    case content_coding::identity:
      break;
  }
  return "identity";
}

content_coding preferred_coding(const std::optional<std::string>& accept_encoding) {
  if (!accept_encoding) return content_coding::identity;
  const auto all = parse(*accept_encoding);
  const int gzip = all.gzip.value_or(all.others.value_or(0));
  const int zstd = all.zstd.value_or(all.others.value_or(0));
  // Identity is acceptable unless excluded, but preferred only when listed.
  const int identity = all.identity.value_or(all.others == 0 ? 0 : 1);
  if (zstd > 0 && zstd >= gzip && zstd >= identity) return content_coding::zstd;
  if (gzip > 0 && gzip >= identity) return content_coding::gzip;
  return content_coding::identity;
}

std::optional<std::string> encode(std::string_view body, content_coding c,
                                  const coding_levels& levels) {
  if (body.size() < 2) return std::nullopt;
  switch (c) {
    case content_coding::gzip:
      return gzip(body, levels.gzip);
    case content_coding::zstd:
      return zstd(body, levels.zstd);
    case content_coding::identity:
      break;
  }
  return std::nullopt;
}

}  // namespace stoa::http
