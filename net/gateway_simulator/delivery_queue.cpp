#include "net/gateway_simulator/delivery_queue.hpp"

namespace stoa::simulator {

namespace {

constexpr std::int64_t deliveries_at_once = 32;
constexpr std::uint32_t late_ms_max = 2000;

gateways::sqlite_file& with_table(gateways::sqlite_file& file, const std::string& table) {
  const auto schema = "CREATE TABLE IF NOT EXISTS " + table +
                      " (number INTEGER PRIMARY KEY, body TEXT NOT NULL, due INTEGER NOT NULL)";
  file.run(schema.c_str());
  return file;
}

}  // namespace

delivery_queue::delivery_queue(gateways::sqlite_file& file, const std::string& table)
    : insert_(with_table(file, table),
              ("INSERT INTO " + table + " (body, due) VALUES (?, ?)").c_str()),
      due_(file,
           ("SELECT number, body FROM " + table + " WHERE due <= ? ORDER BY due, number LIMIT ?")
               .c_str()),
      postpone_(file, ("UPDATE " + table + " SET due = ? WHERE number = ?").c_str()),
      confirm_(file, ("DELETE FROM " + table + " WHERE number = ?").c_str()) {}

void delivery_queue::insert(const std::string& body, timestamp due) {
  insert_.bind(body).bind(due.us).step();
  insert_.reset();
}

void delivery_queue::add(const std::string& body, timestamp now, std::mt19937* disorder) {
  if (disorder == nullptr) return insert(body, now);
  const auto late = [&] { return now + milliseconds{(*disorder)() % late_ms_max}; };
  insert(body, late());
  if ((*disorder)() % 2 == 0) insert(body, late());
}

std::vector<delivery> delivery_queue::take_due(timestamp now, timestamp retry) {
  std::vector<delivery> all;
  due_.bind(now.us).bind(deliveries_at_once);
  while (due_.step()) all.push_back({due_.number(0), due_.text(1)});
  due_.reset();
  for (const auto& d : all) {
    postpone_.bind(retry.us).bind(d.number).step();
    postpone_.reset();
  }
  return all;
}

void delivery_queue::confirm(std::int64_t number) {
  confirm_.bind(number).step();
  confirm_.reset();
}

}  // namespace stoa::simulator
