// Export jobs in the catalogue: states, runs, parts, limits and sweeps.

#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;

namespace {

struct export_fixture : test::catalog_fixture {
  explicit export_fixture(catalog_options options = {})
      : test::catalog_fixture(std::move(options)) {}

  stoa::export_id queued() {
    time.advance(seconds{1});
    const stoa::export_id id{system_ids().next_v7()};
    create_export c{id, file_format::jsonl, std::nullopt, product_status::Active};
    BOOST_TEST((run(c, staff).value().state == export_state::queued));
    return id;
  }
  stoa::export_id running() {
    const auto id = queued();
    BOOST_TEST(run(begin_export{id, "one"}).value().proceed);
    return id;
  }
  bool put(stoa::export_id id, const std::string& by, std::int64_t number, bool is_last = false,
           const std::string& content = "{}\n") {
    put_export_part p;
    p.export_id = id;
    p.run = by;
    p.number = number;
    p.content = content;
    p.position = is_last ? "" : "after " + std::to_string(number);
    p.columns = "[]";
    p.objects = 1;
    p.is_last = is_last;
    return run(p).value().proceed;
  }
  stoa::export_id completed() {
    const auto id = running();
    BOOST_TEST(!put(id, "one", 0, true));
    return id;
  }
  export_view view(stoa::export_id id) { return read(get_export{id}, staff).value(); }
  export_state state(stoa::export_id id) { return view(id).state; }
  /// The exports started by the sweep.
  std::vector<stoa::export_id> due() {
    std::vector<stoa::export_id> ids;
    for (const auto& e : service.due(*database, time.now(), false).effects) {
      if (e.kind() == &kernel::kind_of<run_export>()) ids.push_back(e.as<run_export>().export_id);
    }
    return ids;
  }
  std::int64_t parts() { return number("SELECT count(*) FROM export_parts"); }
};

struct small_files : export_fixture {
  static catalog_options options() {
    catalog_options o;
    o.export_bytes_max = 10;
    return o;
  }
  small_files() : export_fixture(options()) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(export_jobs)

BOOST_FIXTURE_TEST_CASE(from_its_request_to_its_file, export_fixture) {
  const auto id = queued();
  BOOST_TEST((due() == std::vector{id}));
  BOOST_TEST(code_of(read(get_export_part{id, 0}, staff)) == "export_has_no_file");
  const auto start = run(begin_export{id, "one"}).value();
  BOOST_TEST(start.proceed);
  BOOST_TEST((start.format == file_format::jsonl));
  BOOST_TEST((start.status == product_status::Active));
  BOOST_TEST(start.parts == 0);
  BOOST_TEST(put(id, "one", 0));
  // A repeat is harmless; a gap is rejected.
  BOOST_TEST(put(id, "one", 0, false, "other"));
  BOOST_TEST(!run(put_export_part{id, "one", 2, "x", "", "", 0, 0, false}).has_value());
  BOOST_TEST((state(id) == export_state::running));
  BOOST_TEST(!put(id, "one", 1, true, "ü\n"));
  const auto done = view(id);
  BOOST_TEST((done.state == export_state::completed));
  BOOST_TEST(done.bytes == 6);
  BOOST_TEST(done.objects == 2);
  BOOST_TEST((*done.expires_at == *done.finished_at + export_file_ttl));
  BOOST_TEST((done.created_by == staff.user));
  BOOST_TEST(*read(get_export_part{id, 0}, staff).value().content == "{}\n");
  BOOST_TEST(*read(get_export_part{id, 1}, staff).value().content == "ü\n");
  const auto beyond = read(get_export_part{id, 2}, staff).value();
  BOOST_TEST(!beyond.content);
  BOOST_TEST(beyond.parts == 2);
  BOOST_TEST(due().empty());
  BOOST_TEST(code_of(run(cancel_export{id}, staff)) == "export_finished");
  // The file is deleted after its time, the export is still listed.
  time.advance(export_file_ttl);
  sweep();
  BOOST_TEST((state(id) == export_state::expired));
  BOOST_TEST(parts() == 0);
  BOOST_TEST(code_of(read(get_export_part{id, 0}, staff)) == "export_has_no_file");
}

BOOST_FIXTURE_TEST_CASE(one_run_at_a_time_has_it_and_continues_behind_the_last_part,
                        export_fixture) {
  const auto id = running();
  BOOST_TEST(put(id, "one", 0));
  BOOST_TEST(put(id, "one", 1));
  // Another node takes over; the first run is rejected and changes nothing.
  const auto second = run(begin_export{id, "two"}).value();
  BOOST_TEST(second.proceed);
  BOOST_TEST(second.parts == 2);
  BOOST_TEST(second.position == "after 1");
  BOOST_TEST(second.columns == "[]");
  BOOST_TEST(!put(id, "one", 2));
  run(fail_export{id, "one", "late"});
  BOOST_TEST((state(id) == export_state::running));
  BOOST_TEST(view(id).objects == 2);
  BOOST_TEST(!put(id, "two", 2, true));
  BOOST_TEST((state(id) == export_state::completed));
  BOOST_TEST(view(id).objects == 3);
  // A repeat of the last part by the same run, whose answer was lost.
  BOOST_TEST(!put(id, "two", 2, true));
  BOOST_TEST(parts() == 3);
}

BOOST_FIXTURE_TEST_CASE(an_export_that_ends_the_process_again_and_again_is_given_up,
                        export_fixture) {
  const auto id = queued();
  for (int i = 0; i < 5; ++i) BOOST_TEST(run(begin_export{id, "run"}).value().proceed);
  BOOST_TEST(!run(begin_export{id, "run"}).value().proceed);
  BOOST_TEST((state(id) == export_state::interrupted));
  BOOST_TEST(view(id).error.has_value());
  const auto other = queued();
  for (int i = 0; i < 12; ++i) {
    BOOST_TEST(run(begin_export{other, "run"}).value().proceed);
    BOOST_TEST(put(other, "run", i));
  }
}

BOOST_FIXTURE_TEST_CASE(cancelled_or_failed_it_leaves_nothing, export_fixture) {
  const auto waiting = queued();
  const auto working = running();
  for (int i = 0; i < 40; ++i) BOOST_TEST(put(working, "one", i));
  for (const auto id : {waiting, working}) {
    BOOST_TEST((run(cancel_export{id}, staff).value().state == export_state::cancelled));
    BOOST_TEST((run(cancel_export{id}, staff).value().state == export_state::cancelled));
  }
  BOOST_TEST(!put(working, "one", 40));
  BOOST_TEST(!run(begin_export{waiting, "run"}).value().proceed);
  // The parts are deleted in steps, and the next export waits for that.
  const auto next = queued();
  BOOST_TEST(due().empty());
  BOOST_TEST(!run(begin_export{next, "run"}).value().proceed);
  BOOST_TEST((state(next) == export_state::queued));
  sweep();
  BOOST_TEST(parts() == 8);
  sweep();
  BOOST_TEST(parts() == 0);
  BOOST_TEST((due() == std::vector{next}));
  BOOST_TEST(run(begin_export{next, "run"}).value().proceed);
  run(fail_export{next, "run", "cannot read"});
  BOOST_TEST((state(next) == export_state::failed));
  BOOST_TEST(*view(next).error == "cannot read");
}

BOOST_FIXTURE_TEST_CASE(a_file_is_bounded, small_files) {
  const auto id = running();
  BOOST_TEST(put(id, "one", 0, false, "123456"));
  BOOST_TEST(!put(id, "one", 1, true, "12345"));
  BOOST_TEST((state(id) == export_state::failed));
  BOOST_TEST(view(id).error->find("exceed 10 bytes") != std::string::npos);
  sweep();
  BOOST_TEST(parts() == 0);
}

BOOST_FIXTURE_TEST_CASE(few_are_open_and_few_files_are_kept, export_fixture) {
  std::vector<stoa::export_id> files;
  for (std::size_t i = 0; i < export_files_max + 1; ++i) files.push_back(completed());
  BOOST_TEST((state(files[0]) == export_state::expired));
  BOOST_TEST((state(files[1]) == export_state::completed));
  sweep();
  BOOST_TEST(parts() == static_cast<std::int64_t>(export_files_max));
  std::vector<stoa::export_id> ids;
  for (std::size_t i = 0; i < exports_open_max; ++i) ids.push_back(queued());
  create_export more{{system_ids().next_v7()}, file_format::csv, std::nullopt, std::nullopt};
  BOOST_TEST(code_of(run(more, staff)) == "export_queue_full");
  BOOST_TEST((due() == std::vector{ids.front()}));
  more.export_id = ids.back();
  BOOST_TEST((run(more, staff).value().export_id == ids.back()));
  BOOST_TEST(run(begin_export{ids[3], "run"}).value().proceed);
  BOOST_TEST((due() == std::vector{ids[3]}));
  const auto page = read(list_exports{std::nullopt, 4}, staff).value();
  BOOST_TEST(page.data.size() == 4U);
  BOOST_TEST((page.data.front().export_id == ids.back()));
  BOOST_TEST(page.next_cursor.value.has_value());
  // Of those without a file, the newest are kept.
  for (const auto id : ids) run(cancel_export{id}, staff);
  for (int i = 0; i < 120; ++i) run(cancel_export{queued()}, staff);
  BOOST_TEST(number("SELECT count(*) FROM exports WHERE state = 'cancelled'") <= exports_kept);
  BOOST_TEST((state(files[1]) == export_state::completed));
  BOOST_TEST(parts() == static_cast<std::int64_t>(export_files_max));
}

BOOST_AUTO_TEST_SUITE_END()
