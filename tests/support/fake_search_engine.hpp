#pragma once
// A search engine that keeps documents in memory and fails on demand: for what a real one cannot be
// made to do. It finds all documents of the alias' index, in the order of their ids, whatever the
// query; tests of searches use a real engine.

#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/fault_server.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::test {

class fake_search_engine {
 public:
  /// How requests of an operation are answered.
  enum class mode { works, slow, fails, malformed, endless, resets, unauthorized, partly };

  explicit fake_search_engine(std::uint16_t port = 0)
      : server_([this](fault_connection& c) { serve(c); }, {}, {}, port) {}

  std::string url() const {
    auto all = server_.url();
    all.pop_back();
    return all;
  }
  std::uint16_t port() const { return server_.port(); }

  std::atomic<mode> searches{mode::works};
  std::atomic<mode> bulks{mode::works};
  std::atomic<int> searched{0};  ///< searches received

  /// The last Authorization field; empty if the request had none.
  std::string authorization() {
    const std::scoped_lock lock(mutex_);
    return authorization_;
  }
  /// The names of the indexes.
  std::vector<std::string> indexes() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, docs] : indexes_) names.push_back(name);
    return names;
  }
  /// The index with the alias; empty if there is none.
  std::string index_of(const std::string& alias) {
    const std::scoped_lock lock(mutex_);
    const auto found = aliases_.find(alias);
    return found == aliases_.end() ? std::string() : found->second;
  }
  /// The ids of the documents that the alias shows.
  std::vector<std::string> ids(const std::string& alias) {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> all;
    const auto found = aliases_.find(alias);
    if (found == aliases_.end()) return all;
    for (const auto& [id, d] : indexes_[found->second]) {
      if (!d.deleted) all.push_back(id);
    }
    return all;
  }
  /// The name of the document in the alias' index; empty if there is none.
  std::string name_of(const std::string& alias, const std::string& id) {
    const std::scoped_lock lock(mutex_);
    const auto found = aliases_.find(alias);
    if (found == aliases_.end()) return {};
    const auto d = indexes_[found->second].find(id);
    return d == indexes_[found->second].end() || d->second.deleted ? std::string() : d->second.name;
  }
  /// Puts a document into the alias' index that the store does not know of.
  void plant(const std::string& alias, const std::string& id) {
    const std::scoped_lock lock(mutex_);
    indexes_[aliases_[alias]][id] = {1, false, "planted"};
  }
  void remove_index(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    erase(name);
  }
  void add_index(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    indexes_[name];
  }

 private:
  struct stored_document {
    std::int64_t version = 0;
    bool deleted = false;
    std::string name;
  };
  struct reply {
    int status = 200;
    std::string body;
  };

  void serve(fault_connection& c) {
    for (auto text = c.read_request(); !text.empty(); text = c.read_request()) {
      const auto line = text.substr(0, text.find("\r\n"));
      const auto body = text.substr(text.find("\r\n\r\n") + 4);
      const auto method = line.substr(0, line.find(' '));
      auto path = line.substr(method.size() + 1);
      path.resize(path.find(' '));
      note_authorization(text);
      const bool is_search = path.find("/_search") != std::string::npos;
      const bool is_bulk = path == "/_bulk";
      if (is_search) ++searched;
      const auto how = is_search ? searches.load() : is_bulk ? bulks.load() : mode::works;
      if (how == mode::resets) return c.reset();
      if (how == mode::slow) return c.wait_for_close();
      if (how == mode::endless) {
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n{");
        while (c.send(std::string(65536, ' '))) {
        }
        return;
      }
      auto a = how == mode::fails          ? reply{500, R"({"error":{"type":"t","reason":"r"}})"}
               : how == mode::malformed    ? reply{200, R"({"hits":{"hits":[{"_id":)"}
               : how == mode::unauthorized ? reply{401, R"({"error":"secret?"})"}
                                           : answer(method, path, body, how == mode::partly);
      c.send("HTTP/1.1 " + std::to_string(a.status) +
             " X\r\nContent-Type: application/json\r\nContent-Length: " +
             std::to_string(a.body.size()) + "\r\n\r\n" + a.body);
    }
  }

  void note_authorization(const std::string& request) {
    const std::scoped_lock lock(mutex_);
    const auto field = request.find("\r\nAuthorization: ");
    authorization_.clear();
    if (field == std::string::npos) return;
    const auto value = field + 17;
    authorization_ = request.substr(value, request.find("\r\n", value) - value);
  }

  reply answer(const std::string& method, const std::string& path, const std::string& body,
               bool partly) {
    const std::scoped_lock lock(mutex_);
    if (path == "/_bulk") return bulk(body, partly);
    if (path == "/_aliases") return change_aliases(body);
    if (path.starts_with("/_alias/")) return one_alias(path.substr(8));
    const auto name = path.substr(1, path.find('/', 1) - 1);
    const auto rest = path.substr(1 + name.size());
    if (method == "PUT") return make(name, body);
    if (method == "DELETE") return erase(name) ? reply{200, "{}"} : missing();
    if (name.ends_with('*')) return list(name.substr(0, name.size() - 1));
    const auto alias = aliases_.find(name);
    const auto index = alias == aliases_.end() ? name : alias->second;
    if (!indexes_.contains(index)) return missing();
    if (rest.starts_with("/_search")) return search(index, body);
    if (rest == "/_mapping") {
      return {200, "{\"" + index + R"(":{"mappings":{"_meta":{"stoa":{"version":2}}}}})"};
    }
    return {200, "{\"" + index + "\":{}}"};
  }

  static reply missing() {
    return {404, R"({"error":{"type":"index_not_found_exception","reason":"none"},"status":404})"};
  }
  reply one_alias(const std::string& alias) {
    const auto found = aliases_.find(alias);
    if (found == aliases_.end()) return {404, R"({"error":"alias missing","status":404})"};
    return {200, "{\"" + found->second + "\":{\"aliases\":{}}}"};
  }
  reply make(const std::string& name, const std::string& body) {
    if (indexes_.contains(name)) return {400, R"({"error":{"type":"exists"}})"};
    indexes_[name];
    const auto parsed = json::parse(body);
    const auto* names = parsed ? parsed->find("aliases") : nullptr;
    if (names != nullptr) {
      for (const auto& a : *names->if_object()) aliases_[a.name] = name;
    }
    return {200, "{}"};
  }
  bool erase(const std::string& name) {
    std::erase_if(aliases_, [&](const auto& a) { return a.second == name; });
    return indexes_.erase(name) > 0;
  }
  reply list(const std::string& prefix) {
    std::string all;
    for (const auto& [name, docs] : indexes_) {
      if (!name.starts_with(prefix)) continue;
      all += (all.empty() ? "\"" : ",\"") + name + "\":{\"aliases\":{}}";
    }
    return {200, "{" + all + "}"};
  }
  static std::string text_of(const json::value& v, const char* name) {
    const auto* m = v.find(name);
    return m != nullptr && m->if_string() != nullptr ? *m->if_string() : std::string();
  }
  reply change_aliases(const std::string& body) {
    const auto parsed = json::parse(body);
    for (const auto& a : *parsed->find("actions")->if_array()) {
      const auto* add = a.find("add");
      const auto& what = add != nullptr ? *add : *a.find("remove");
      const auto alias = text_of(what, "alias");
      const auto index = text_of(what, "index");
      if (!indexes_.contains(index)) return missing();
      if (add != nullptr) {
        aliases_[alias] = index;
      } else if (aliases_[alias] == index) {
        aliases_.erase(alias);
      }
    }
    return {200, "{}"};
  }
  reply bulk(const std::string& body, bool partly) {
    std::string items;
    int count = 0;
    for (std::size_t at = 0; at < body.size();) {
      auto end = body.find('\n', at);
      const auto parsed = json::parse(body.substr(at, end - at));
      at = end + 1;
      const auto& action = parsed->if_object()->front();
      std::string document;
      if (action.name == "index") {
        end = body.find('\n', at);
        document = body.substr(at, end - at);
        at = end + 1;
      }
      // Every second document is refused as by an engine that has too much to do.
      const int status = partly && ++count % 2 == 0 ? 429 : store(action, document);
      const auto* error = status >= 400 ? R"(,"error":{"type":"t","reason":"r"})" : "";
      items += (items.empty() ? "{\"" : ",{\"") + action.name +
               "\":{\"status\":" + std::to_string(status) + error + "}}";
    }
    return {200, R"({"items":[)" + items + "]}"};
  }
  int store(const json::member& action, const std::string& document) {
    const auto alias = aliases_.find(text_of(action.value, "_index"));
    if (alias == aliases_.end()) return 404;
    auto& d = indexes_[alias->second][text_of(action.value, "_id")];
    const auto version = *action.value.find("version")->if_int64();
    if (version <= d.version) return 409;
    d = {version, document.empty(), {}};
    if (!document.empty()) d.name = text_of(*json::parse(document), "name");
    return 200;
  }
  reply search(const std::string& index, const std::string& body) {
    const auto asked = json::parse(body);
    const auto size = *asked->find("size")->if_int64();
    const auto* after = asked->find("search_after");
    const bool ranked = asked->find("sort")->if_array()->size() == 4;
    std::string last;
    if (after != nullptr) last = *after->if_array()->back().if_string();
    std::string hits;
    std::int64_t count = 0;
    std::int64_t total = 0;
    for (const auto& [id, d] : indexes_[index]) {
      if (d.deleted) continue;
      ++total;
      if (id <= last || count == size) continue;
      ++count;
      hits += (hits.empty() ? "" : ",") + std::string(R"({"_id":")") + id + R"(","sort":[)" +
              (ranked ? "1.5,1,1000" : "1000") + ",\"" + id + "\"]}";
    }
    return {200, R"({"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":)" +
                     std::to_string(total) + R"(},"hits":[)" + hits + "]}}"};
  }

  std::mutex mutex_;
  std::map<std::string, std::map<std::string, stored_document>> indexes_;
  std::map<std::string, std::string> aliases_;
  std::string authorization_;
  fault_server server_;
};

}  // namespace stoa::test
