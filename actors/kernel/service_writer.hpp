#pragma once
// Connects a service's typed functions to the generic writer. A service S is a class with
//   static constexpr std::string_view name;
//   using records = db::unit_of_work<...>;
//   using commands = boost::mp11::mp_list<...>;       each: name, reply; needs + decide
//     optional: secret_reply (the stored reply is encrypted), grants_access (no reply is stored)
//   static std::vector<const expiry*> expiring();     optional: tables with expiring rows
//   using subscriptions = boost::mp11::mp_list<...>;  events of others, each: name; needs + decide
//   void needs(const M&, db::need_list<records>&, const records&) const;
//   result<M::reply> decide(const Command&, decision<records>&) const;
//   applied decide(const Event&, decision<records>&) const;

#include "actors/kernel/load_rounds.hpp"
#include "actors/kernel/writer_core.hpp"
#include "storage/base/json_read.hpp"

#include <unordered_map>

namespace stoa::kernel {

template <class C>
concept has_secret_reply = requires {
  requires C::secret_reply;
};
/// The reply grants access (`static constexpr bool grants_access = true`). It is never stored: a
/// stored grant would outlive its session.
template <class C>
concept has_granting_reply = requires {
  requires C::grants_access;
};

template <class S>
class service_writer final : public writer_core {
 public:
  using records = typename S::records;
  using needs_list = db::need_list<records>;

  service_writer(const S& service, db::connection& database, writer_environment environment)
      : writer_core(std::string(S::name), database, std::move(environment)), service_(service) {
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::commands>>(
        [this](auto type) { add_command<typename decltype(type)::type>(); });
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::subscriptions>>(
        [this](auto type) { add_event<typename decltype(type)::type>(); });
  }

 protected:
  void start_batch() override {
    made_.clear();
    decoded_.clear();
    needs_.reset();
    records_ = std::make_unique<records>();
    needs_.emplace(*records_);
  }

  void needs(const job& j) override {
    if (j.kind == job_kind::command) {
      if (auto it = commands_.find(j.message.kind()); it != commands_.end()) {
        it->second.needs(*this, j.message);
      }
    } else if (j.kind == job_kind::event) {
      event_needs(*j.event);
    }
  }

  std::vector<db::statement>& open_needs() override { return needs_->statements(); }
  void feed(std::size_t i, db::row r) override { needs_->feed(i, r); }
  void fed() override { needs_->done(); }
  void mark() override { records_->mark(); }
  void undo() override { records_->undo(); }
  void collect(std::vector<db::statement>& out) override { records_->collect(out); }

  outcome decide(const job& j, timestamp now, decision_base*& made) override {
    auto it = commands_.find(j.message.kind());
    if (it == commands_.end()) {
      return {nullptr, problem{problem_kind::internal,
                               "internal_error",
                               name() + ": unknown command " + std::string(j.message.name()),
                               {}}};
    }
    auto& d = new_decision(now, j.context);
    made = &d;
    return it->second.decide(*this, j.message, d);
  }

  outcome apply(const event& e, timestamp now, decision_base*& made) override {
    auto it = events_.find(e.type);
    if (it == events_.end()) return {};  // Not subscribed.
    if (!decoded_.contains(e.event_id)) {
      // A replayed dead letter was not known when the batch was loaded.
      event_needs(e);
      for (int round = 0; round < load_rounds_max && needs_->open(); ++round) {
        needs_->load(connection_of_batch());
        event_needs(e);
      }
      if (needs_->open()) refuse_more_rounds(name());
    }
    const auto& body = decoded_[e.event_id];
    if (!body)
      return {nullptr,
              problem{problem_kind::malformed, "malformed_event", "cannot read " + e.type, {}}};
    call_context context;
    context.traceparent = e.traceparent;
    context.who.kind = caller_kind::system;
    auto& d = new_decision(now, context);
    made = &d;
    return it->second.apply(*this, body.get(), d);
  }

  std::string encode(const any_message& command, const void* value) const override {
    return commands_.at(command.kind()).encode(value);
  }
  std::shared_ptr<void> decode(const any_message& command, std::string_view text) const override {
    return commands_.at(command.kind()).decode(text);
  }
  bool secret(const any_message& command) const override {
    return commands_.at(command.kind()).secret;
  }
  bool replayable(const any_message& command) const override {
    const auto it = commands_.find(command.kind());
    return it != commands_.end() && it->second.replayable;
  }
  std::vector<const expiry*> expiring() const override {
    if constexpr (requires { S::expiring(); }) {
      return S::expiring();
    } else {
      return {};
    }
  }

 private:
  using decision_type = decision<records>;
  struct command_entry {
    void (*needs)(service_writer&, const any_message&);
    outcome (*decide)(service_writer&, const any_message&, decision_type&);
    std::string (*encode)(const void*);
    std::shared_ptr<void> (*decode)(std::string_view);
    bool secret;
    bool replayable;
  };
  struct event_entry {
    std::shared_ptr<const void> (*decode)(const std::string&);
    void (*needs)(service_writer&, const void*);
    outcome (*apply)(service_writer&, const void*, decision_type&);
  };
  /// A decision and its context, which the decision refers to.
  struct kept_decision {
    call_context context;
    decision_type made;
    kept_decision(records& r, timestamp now, id_source& ids, call_context c)
        : context(std::move(c)), made(r, now, ids, context) {}
  };

  template <class C>
  void add_command() {
    using reply_type = typename C::reply;
    commands_[&kind_of<C>()] = {
        [](service_writer& w, const any_message& m) {
          w.service_.needs(m.as<C>(), *w.needs_, *w.records_);
        },
        [](service_writer& w, const any_message& m, decision_type& d) -> outcome {
          result<reply_type> r = w.service_.decide(m.as<C>(), d);
          if (!r) return {nullptr, std::move(r.error())};
          return {std::make_shared<reply_type>(std::move(*r)), std::nullopt};
        },
        [](const void* value) { return json::write(*static_cast<const reply_type*>(value)); },
        [](std::string_view text) -> std::shared_ptr<void> {
          auto r = json::read_lenient<reply_type>(text);
          if (!r) throw std::runtime_error("malformed stored reply: " + r.error().detail);
          return std::make_shared<reply_type>(std::move(*r));
        },
        has_secret_reply<C>,
        !has_granting_reply<C>};
  }

  template <class E>
  void add_event() {
    events_[std::string(E::name)] = {
        [](const std::string& payload) -> std::shared_ptr<const void> {
          auto r = json::read_lenient<E>(payload);
          return r ? std::make_shared<const E>(std::move(*r)) : nullptr;
        },
        [](service_writer& w, const void* body) {
          w.service_.needs(*static_cast<const E*>(body), *w.needs_, *w.records_);
        },
        [](service_writer& w, const void* body, decision_type& d) -> outcome {
          return {nullptr, w.service_.decide(*static_cast<const E*>(body), d)};
        }};
  }

  void event_needs(const event& e) {
    auto it = events_.find(e.type);
    if (it == events_.end()) return;
    auto [slot, added] = decoded_.try_emplace(e.event_id);
    if (added) slot->second = it->second.decode(e.payload);
    if (slot->second) it->second.needs(*this, slot->second.get());
  }

  decision_type& new_decision(timestamp now, const call_context& context) {
    made_.push_back(std::make_unique<kept_decision>(*records_, now, *environment_.ids, context));
    return made_.back()->made;
  }

  const S& service_;
  std::unordered_map<const message_kind*, command_entry> commands_;
  std::unordered_map<std::string, event_entry> events_;
  std::unique_ptr<records> records_;
  std::optional<needs_list> needs_;
  std::vector<std::unique_ptr<kept_decision>> made_;
  std::unordered_map<stoa::event_id, std::shared_ptr<const void>> decoded_;
};

}  // namespace stoa::kernel
