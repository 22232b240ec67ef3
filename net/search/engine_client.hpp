#pragma once
// Requests to the search engine, OpenSearch or Elasticsearch: only functions that both have had
// since Elasticsearch 7.10.

#include "net/outbound/http_client.hpp"
#include "net/search/engine_metrics.hpp"
#include "storage/base/result.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

namespace stoa {
struct search_settings;
}

namespace stoa::search {

struct engine_options {
  std::string url;
  std::string alias;
  std::string authorization{};             ///< of the header field; empty: none
  std::string ca_file{};                   ///< empty: the system's authorities
  std::chrono::milliseconds timeout{500};  ///< of a search
  prometheus::Registry* metrics = nullptr;
};

/// Reads the files with secrets. Problem (500): a file cannot be read, or its content is invalid.
result<engine_options> engine_options_of(const search_settings& s, prometheus::Registry* metrics);

struct engine_request {
  std::string operation;  ///< for the metrics: search, bulk or index
  std::string method = "GET";
  std::string path;  ///< with its query; begins with a slash
  std::string body{};
  std::string content_type = "application/json";
  std::chrono::milliseconds timeout{10'000};
  std::size_t response_bytes_max = 1 << 20;
};

struct engine_reply {
  int status = 0;  ///< 0: there is no response
  std::string body;
  std::string fault;  ///< why the status is not 2xx, for display; without secrets

  bool ok() const { return status >= 200 && status < 300; }
};

class engine_client {
 public:
  using callback = std::function<void(engine_reply)>;

  /// `purpose`: of the connections, for metric labels. The metrics must outlive the client.
  engine_client(const engine_options& options, std::string purpose, engine_metrics& metrics);

  /// Calls `done` exactly once, on the client's thread or before this returns.
  void call(engine_request r, callback done);
  /// Waits for the reply. A stop of the node ends the wait.
  engine_reply wait(engine_request r, const std::atomic<bool>& stopping);

 private:
  const std::string url_;
  const std::string authorization_;
  engine_metrics& metrics_;
  outbound::http_client client_;
};

}  // namespace stoa::search
