#pragma once
// A bucket with an S3-compatible API as a media store. Requests are signed (aws_signature.hpp),
// have a time limit, and are retried twice: putting, getting and deleting a name are idempotent.

#include "net/media/aws_signature.hpp"
#include "net/media/media_store.hpp"
#include "net/outbound/http_client.hpp"

#include <atomic>
#include <chrono>

namespace stoa::media {

struct s3_options {
  std::string endpoint;  ///< http(s)://host[:port], without a trailing slash
  std::string region;
  std::string bucket;
  std::string prefix;  ///< of all names; empty, or with a trailing slash
  aws_key key;
  bool path_style = false;  ///< the bucket is in the path, not in the host name
  std::chrono::milliseconds timeout{10'000};
  std::size_t requests_max = 16;  ///< at a time
  prometheus::Registry* metrics = nullptr;
};

class s3_store final : public media_store {
 public:
  /// Throws store_error for an endpoint that is not a URL.
  explicit s3_store(s3_options options);

  void put(const std::string& name, std::string_view content_type, std::string_view bytes) override;
  std::optional<std::string> get(const std::string& name, std::size_t bytes_max) override;
  void remove(const std::string& name) override;
  void stop() override { stopping_ = true; }
  bool is_served_here() const override { return false; }

 private:
  struct call {
    std::string method;
    std::string name;
    std::string_view content_type{};
    std::string_view body{};
    std::size_t answer_bytes_max = 64 << 10;
  };
  outbound::request signed_request(const call& c) const;
  /// The response to the last attempt. Throws store_error if there is none, or a status that a
  /// retry may change.
  outbound::response send(const call& c);
  outbound::completion attempt(const call& c);
  void pause(std::chrono::milliseconds time) const;

  s3_options options_;
  std::string scheme_;
  std::string host_;  ///< with the port, if it is in the endpoint
  std::string path_;  ///< before the name
  std::atomic<bool> stopping_{false};
  outbound::http_client client_;
};

}  // namespace stoa::media
