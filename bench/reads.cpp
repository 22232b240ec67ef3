#include "bench/crowd.hpp"
#include "bench/load.hpp"

namespace stoa::bench {
namespace {

using std::chrono::milliseconds;

struct read_run {
  std::vector<std::string> requests;
  crowd& all;
  std::size_t next = 0;
};

test::load_task reader(read_run& run, std::uint16_t port) {
  test::load_connection connection(run.all.loop, port);
  while (!run.all.closing()) {
    const auto asked = load_clock::now();
    const auto a = co_await connection.request(run.requests[++run.next % run.requests.size()]);
    if (a.status == 200) {
      run.all.done(asked);
      continue;
    }
    run.all.outcome("status " + std::to_string(a.status));
    run.all.error(std::string(a.body.substr(0, 300)));
    co_await run.all.loop.sleep(milliseconds{20});
  }
  run.all.leave();
}

}  // namespace

figures run_reads(const run_options& options) {
  figures result;
  result.name = "product reads";
  crowd all(options, result);
  read_run run{{}, all};
  for (const auto& id : buyable_products(options.port)) {
    run.requests.push_back(test::request_text("GET", "/store/v1/products/" + id, {}, {}));
  }
  all.loop.after(milliseconds{0}, [&] {
    for (int i = 0; i < options.concurrency; ++i) reader(run, options.port_of(i));
  });
  all.run(options.concurrency);
  return result;
}

}  // namespace stoa::bench
