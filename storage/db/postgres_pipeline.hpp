#pragma once
// Statements sent over one connection and their pending results. Statements are prepared at first
// use and grouped. Internal to the driver.

#include "storage/db/postgres_groups.hpp"
#include "storage/db/postgres_link.hpp"

#include <deque>
#include <unordered_map>

namespace stoa::db {

class postgres_pipeline {
 public:
  /// How a result is processed; `ignored`: discarded, including errors.
  enum class turn { ignored, own, statement, commit, prepare, describe, sync };

  struct answers {
    /// Results of the statements; a group's result is at the index of its first statement.
    std::vector<postgres_result> results;
    std::optional<error> first_error;
    turn failed = turn::sync;  ///< of the first error
    bool ended = false;        ///< the connection is lost
    bool drop = false;         ///< the connection is lost or must not be used again
    bool committed = false;
    bool timed_out = false;  ///< the first error was a statement timeout
  };

  /// Connects; throws like postgres_link.
  postgres_pipeline(const postgres_parameters& parameters, postgres_link::deadline until,
                    bool prepared_statements)
      : link_(parameters, until), prepared_statements_(prepared_statements) {}

  postgres_link& link() { return link_; }

  // These queue messages and throw error(unavailable) if the connection is lost.

  /// A statement of the driver, without parameters.
  void send_own(const sql& what, turn kind) { send({&what, {}, false}, kind, 0); }
  /// All statements, grouped if possible; returns the groups.
  statement_groups send_reads(std::span<const statement> statements);
  void send_writes(std::span<const statement> statements);
  void send_sync();

  /// Reads all pending results, including ignored ones.
  answers receive(std::size_t statements, postgres_link::deadline until);

 private:
  enum class known { no, asked, yes };
  struct prepared {
    std::string name;
    std::string text;
    known ready = known::no;
    known described = known::no;
    postgres_types types;  ///< of the parameters, if described
  };
  /// A statement's variants: unchanged, checked to change one row, and over arrays.
  struct prepared_forms {
    prepared plain;
    prepared changing_one;
    prepared grouped;
  };
  /// A pending result.
  struct pending_result {
    turn kind;
    std::size_t index;  ///< of the statement
    prepared*
        what;  ///< of a preparation or description; for a groupable statement its single variant
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
  void receive_one(const pending_result& next, postgres_link::deadline until, answers& found);
  static void take_result(const pending_result& next, postgres_result result, answers& found);
  static void take_error(const pending_result& next, const PGresult& result, answers& found);
  std::string new_name() { return "s" + std::to_string(++last_name_); }

  postgres_link link_;
  bool prepared_statements_;
  std::deque<pending_result> pending_;
  std::unordered_map<const sql*, prepared_forms> prepared_;
  std::size_t last_name_ = 0;
};

}  // namespace stoa::db
