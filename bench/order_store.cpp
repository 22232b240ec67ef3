#include "actors/kernel/service_writer.hpp"
#include "actors/order/order_service.hpp"
#include "bench/order_sample.hpp"
#include "bench/orders.hpp"
#include "config/settings.hpp"
#include "storage/db/postgres.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>

namespace stoa::bench {
namespace {

std::unique_ptr<db::database> database_at(const std::string& url) {
  db::postgres_options options;
  options.url = url;
  return db::postgres_database(std::move(options));
}

double own_cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/// The queue of one writer.
class inbox {
 public:
  void put(kernel::job j) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(j));
    changed_.notify_one();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }
  /// Waits for messages; nothing when the queue is closed.
  std::vector<kernel::job> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<kernel::job> waiting_;
  bool closed_ = false;
};

class order_store {
 public:
  explicit order_store(const order_run& run)
      : run_(run),
        database_(database_at(run.url)),
        partitions_(static_cast<std::size_t>(run.partitions)) {}

  order_figures work() {
    const auto cpu = own_cpu_seconds();
    began_ = load_clock::now() + std::chrono::seconds{run_.warmup_s};
    ends_ = began_ + std::chrono::seconds{run_.seconds};
    open_ = run_.producers;
    std::vector<std::thread> writers;
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
      writers.emplace_back([this, i] { write(i); });
    }
    for (int i = 0; i < run_.producers; ++i) produce();
    for (auto& w : writers) w.join();
    result_.cpu_s = own_cpu_seconds() - cpu;
    if (!rejection_.empty()) throw std::runtime_error("an order was rejected: " + rejection_);
    return std::move(result_);
  }

 private:
  /// Places the next order of one producer.
  void produce() {
    auto j = sample_order();
    const auto asked = load_clock::now();
    j.done = [this, asked](const kernel::answer& a) { answered(asked, a); };
    partitions_[next_++ % partitions_.size()].put(std::move(j));
  }

  void answered(load_clock::time_point asked, const kernel::answer& a) {
    const auto now = load_clock::now();
    bool going_on = now < ends_;
    {
      const std::lock_guard lock(mutex_);
      ++result_.all_orders;
      if (now >= began_ && going_on) {
        ++result_.orders;
        result_.times.add(now - asked);
      }
      if (a.error) rejection_ = a.error->code + ": " + a.error->detail;
      going_on = going_on && rejection_.empty();
    }
    if (going_on) return produce();
    if (--open_ == 0) {
      for (auto& l : partitions_) l.close();
    }
  }

  void write(std::size_t partition) {
    try {
      const auto connection = database_->open(db::access::write);
      kernel::writer_environment environment;
      environment.grant = kernel::force_take_partition(
          *connection, static_cast<std::int64_t>(partition), environment.owner);
      kernel::service_writer<order::order_service> writer(service_, *connection, environment);
      const auto batch_max = static_cast<std::size_t>(settings{}.actors.batch_max);
      for (auto jobs = partitions_[partition].take(); !jobs.empty();
           jobs = partitions_[partition].take()) {
        for (auto& j : jobs) writer.add(std::move(j));
        while (writer.waiting() > 0) {
          writer.flush(batch_max);
          const std::lock_guard lock(mutex_);
          ++result_.batches;
        }
      }
    } catch (const std::exception& e) {
      const std::lock_guard lock(mutex_);
      rejection_ = e.what();
      for (auto& l : partitions_) l.close();
    }
  }

  const order_run& run_;
  const order::order_service service_{{}};
  std::unique_ptr<db::database> database_;
  std::vector<inbox> partitions_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<int> open_ = 0;
  load_clock::time_point began_, ends_;
  std::mutex mutex_;
  order_figures result_;
  std::string rejection_;
};

}  // namespace

void prepare_orders(const std::string& url, int partitions) {
  const auto database = database_at(url);
  constexpr std::array<std::string_view, 2> modules{"kernel", "order"};
  database->migrate(modules);
  kernel::make_partitions(*database->open(db::access::write), partitions);
}

order_figures place_orders(const order_run& run) {
  return order_store(run).work();
}

}  // namespace stoa::bench
