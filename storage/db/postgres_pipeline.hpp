#pragma once
// What is sent through one connection and what the server owes for it: statements are prepared when
// they are first used, and many of one kind go as one. Internal to the driver.

#include "storage/db/postgres_groups.hpp"
#include "storage/db/postgres_link.hpp"

#include <deque>
#include <unordered_map>

namespace stoa::db {

class postgres_pipeline {
 public:
  /// How an answer is taken: `ignored` when nobody wants to know, not even of an error.
  enum class turn { ignored, own, statement, commit, prepare, describe, sync };

  struct answers {
    /// Of the statements; those that went as one have theirs with the first of them.
    std::vector<postgres_result> results;
    std::optional<error> first_error;
    turn failed = turn::sync;  ///< where
    bool ended = false;        ///< the connection is lost
    bool drop = false;         ///< and this, or it must not be used any more
    bool committed = false;
    bool over_time = false;  ///< the server's limit for a statement was the first error
  };

  /// Connects; throws as postgres_link does.
  postgres_pipeline(const postgres_parameters& parameters, postgres_link::deadline until,
                    bool prepared_statements)
      : link_(parameters, until), prepared_statements_(prepared_statements) {}

  postgres_link& link() { return link_; }

  // These queue; all throw error(unavailable) when the connection is lost.

  /// A statement of the driver's own, without parameters.
  void send_own(const sql& what, turn kind) { send({&what, {}, false}, kind, 0); }
  /// All statements, grouped where that can be; returns which of them belong together.
  statement_groups send_reads(std::span<const statement> statements);
  void send_writes(std::span<const statement> statements);
  void send_sync();

  /// Reads all that is owed, also for what was sent to be ignored.
  answers receive(std::size_t statements, postgres_link::deadline until);

 private:
  enum class known { no, asked, yes };
  struct prepared {
    std::string name;
    std::string text;
    known ready = known::no;
    known described = known::no;
    postgres_types types;  ///< of the parameters, when described
  };
  /// A statement's forms: as it stands, as one that must change one row, and over arrays.
  struct prepared_forms {
    prepared plain;
    prepared changing_one;
    prepared grouped;
  };
  /// An answer that the server owes.
  struct owed {
    turn kind;
    std::size_t index;  ///< of the statement
    prepared* what;     ///< of a preparation or description; of what can be grouped its single form
    std::string_view where;  ///< the statement's name
    bool must_change_one;
  };

  bool ready_for_groups(const statement& one);
  void send_all(std::span<const statement> statements, const statement_groups& groups);
  void send(const statement& one, turn kind, std::size_t index);
  bool send_group(std::span<const statement> statements, const std::vector<std::size_t>& group);
  prepared& single_of(const statement& one);
  prepared& group_of(const statement& one, const postgres_types& types);
  void prepare(prepared& variant, turn kind, std::size_t index, std::string_view where);
  void describe(prepared& variant, std::size_t index, std::string_view where);
  void receive_one(const owed& next, postgres_link::deadline until, answers& found);
  static void take_result(const owed& next, postgres_result result, answers& found);
  static void take_error(const owed& next, const PGresult& result, answers& found);
  std::string new_name() { return "s" + std::to_string(++last_name_); }

  postgres_link link_;
  bool prepared_statements_;
  std::deque<owed> owed_;
  std::unordered_map<const sql*, prepared_forms> prepared_;
  std::size_t last_name_ = 0;
};

}  // namespace stoa::db
