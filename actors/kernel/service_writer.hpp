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
#include "actors/kernel/value_type.hpp"
#include "actors/kernel/writer_core.hpp"

#include <array>
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

/// The event's body; null if it cannot be read.
std::shared_ptr<const void> decoded_event(const value_type& type, std::string_view payload);

template <class S>
class service_writer final : public writer_core {
 public:
  using records = typename S::records;
  using needs_list = db::need_list<records>;

  service_writer(const S& service, db::connection& database, writer_environment environment)
      : writer_core(std::string(S::name), database, std::move(environment)), service_(service) {
    if (can_keep_records(database)) kept_.emplace();
  }

 protected:
  void start_batch() override {
    made_.clear();
    decoded_.clear();
    needs_.reset();
    records_ = std::make_unique<records>();
    needs_.emplace(*records_);
    if (kept_) {
      kept_->begin();
      records_->keep_in(*kept_);
      needs_->keep_in(*kept_);
    }
  }

  void needs(const job& j) override {
    if (j.kind == job_kind::command) {
      if (const auto* c = find_command(j.message)) c->needs(*this, j.message);
    } else if (j.kind == job_kind::event) {
      event_needs(*j.event);
    }
  }

  std::vector<db::statement>& open_needs() override { return needs_->statements(); }
  bool were_needs_answered() override { return needs_->was_answered(); }
  void feed(std::size_t i, db::row r) override { needs_->feed(i, r); }
  void fed() override { needs_->done(); }
  void mark() override { records_->mark(); }
  void undo() override { records_->undo(); }
  bool has_changes() const override { return records_->has_changes(); }
  void collect(std::vector<db::statement>& out) override { records_->collect(out); }
  void keep_records(bool only_these) override {
    if (!kept_) return;
    kept_->saved(records_->kept_sets());
    if (!only_these) kept_->clear();
  }
  void forget_records() override {
    if (kept_) kept_->clear();
  }
  bool uses_kept_records() const override { return kept_ && kept_->has_answered(); }

  outcome decide(const job& j, timestamp now, decision_base*& made) override {
    const auto* command = find_command(j.message);
    if (command == nullptr) {
      return {nullptr, problem{problem_kind::internal,
                               "internal_error",
                               name() + ": unknown command " + std::string(j.message.name()),
                               {}}};
    }
    auto& d = new_decision(now, j.context);
    made = &d;
    return command->decide(*this, j.message, d);
  }

  outcome apply(const event& e, timestamp now, decision_base*& made) override {
    const auto* subscribed = find_event(e.type);
    if (subscribed == nullptr) return {};
    if (!decoded_.contains(e.event_id)) {
      // A replayed dead letter was not known when the batch was loaded.
      event_needs(e);
      for (int round = 0; round < load_rounds_max && (needs_->open() || needs_->was_answered());
           ++round) {
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
    d.cause = &e;
    made = &d;
    return subscribed->apply(*this, body.get(), d);
  }

  const reply_traits* reply_of(const any_message& command) const override {
    const auto* found = find_command(command);
    return found != nullptr ? &found->reply : nullptr;
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
    const message_kind* kind;
    void (*needs)(service_writer&, const any_message&);
    outcome (*decide)(service_writer&, const any_message&, decision_type&);
    reply_traits reply;
  };
  struct event_entry {
    std::string_view name;
    const value_type* body;
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
  static constexpr command_entry entry_of_command() {
    return {&kind_of<C>(),
            [](service_writer& w, const any_message& m) {
              w.service_.needs(m.as<C>(), *w.needs_, *w.records_);
            },
            [](service_writer& w, const any_message& m, decision_type& d) -> outcome {
              auto r = w.service_.decide(m.as<C>(), d);
              if (!r) return {nullptr, std::move(r.error())};
              return {std::make_shared<typename C::reply>(std::move(*r)), std::nullopt};
            },
            {&value_type_of<typename C::reply>, has_secret_reply<C>, !has_granting_reply<C>}};
  }

  template <class E>
  static constexpr event_entry entry_of_event() {
    return {E::name, &value_type_of<E>,
            [](service_writer& w, const void* body) {
              w.service_.needs(*static_cast<const E*>(body), *w.needs_, *w.records_);
            },
            [](service_writer& w, const void* body, decision_type& d) -> outcome {
              return {nullptr, w.service_.decide(*static_cast<const E*>(body), d)};
            }};
  }

  template <class List>
  struct tables;
  template <template <class...> class List, class... M>
  struct tables<List<M...>> {
    static constexpr std::array<command_entry, sizeof...(M)> commands() {
      return {entry_of_command<M>()...};
    }
    static constexpr std::array<event_entry, sizeof...(M)> events() {
      return {entry_of_event<M>()...};
    }
  };

  static const command_entry* find_command(const any_message& m) {
    static constexpr auto all = tables<typename S::commands>::commands();
    for (const auto& c : all) {
      if (c.kind == m.kind()) return &c;
    }
    return nullptr;
  }
  static const event_entry* find_event(std::string_view type) {
    static constexpr auto all = tables<typename S::subscriptions>::events();
    for (const auto& e : all) {
      if (e.name == type) return &e;
    }
    return nullptr;
  }

  void event_needs(const event& e) {
    const auto* subscribed = find_event(e.type);
    if (subscribed == nullptr) return;
    auto [slot, added] = decoded_.try_emplace(e.event_id);
    if (added) {
      slot->second =
          e.body_type == subscribed->body ? e.body : decoded_event(*subscribed->body, e.payload);
    }
    if (slot->second) subscribed->needs(*this, slot->second.get());
  }

  decision_type& new_decision(timestamp now, const call_context& context) {
    made_.push_back(std::make_unique<kept_decision>(*records_, now, *environment_.ids, context));
    return made_.back()->made;
  }

  const S& service_;
  std::optional<db::kept_records> kept_;
  std::unique_ptr<records> records_;
  std::optional<needs_list> needs_;
  std::vector<std::unique_ptr<kept_decision>> made_;
  std::unordered_map<stoa::event_id, std::shared_ptr<const void>> decoded_;
};

}  // namespace stoa::kernel
