#pragma once
// The program's OpenAPI document (/openapi.json), used to validate its answers.

#include "tests/support/http_client.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::test {

/// Whether the text begins with anything but a lower-case letter and ends with a full stop.
inline bool is_sentence(std::string_view text) {
  return text.ends_with('.') && !(text.front() >= 'a' && text.front() <= 'z');
}

class api_document {
 public:
  /// Throws std::runtime_error for a text that is not an OpenAPI document.
  explicit api_document(const std::string& text);
  ~api_document();
  api_document(const api_document&) = delete;
  api_document& operator=(const api_document&) = delete;

  /// How the answer deviates from the document, "" when it conforms: the status, the content type,
  /// the header fields, the body by its schema (without undocumented members), and a problem's
  /// codes.
  std::string complaint(std::string_view method, std::string_view target, const http_answer& a);
  /// How a request's body deviates from its schema.
  std::string request_complaint(std::string_view method, std::string_view target,
                                const std::string& body);
  /// Where GET returns the resource of the answer, among the resources with an ETag; empty when the
  /// answer contains none.
  std::vector<std::string> reads_of(std::string_view method, std::string_view target,
                                    const http_answer& a) const;
  /// The ids of all operations, and of those that complaint() has seen succeed.
  const std::set<std::string>& operations() const { return operations_; }
  const std::set<std::string>& succeeded() const { return succeeded_; }

 private:
  struct parts;
  std::string wrong_fields(const http_answer& a, const void* described);
  std::string wrong_problem(const http_answer& a, const void* described) const;
  std::unique_ptr<parts> parts_;
  std::set<std::string> operations_;
  std::set<std::string> succeeded_;
};

}  // namespace stoa::test
