#include "net/nats/verdicts.hpp"

#include "net/nats/names.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <map>

namespace stoa::nats {

namespace {

constexpr std::size_t verdicts_per_message = 512;

struct one_verdict {
  std::string subscriber;
  std::int64_t seq = 0;
  std::optional<problem> refused;
  std::optional<stoa::event_id> event_id;  ///< absent from nodes of earlier versions
};
BOOST_DESCRIBE_STRUCT(one_verdict, (), (subscriber, seq, refused, event_id))

struct partition_verdicts {
  std::string source;
  std::int64_t partition = 0;
  std::vector<one_verdict> verdicts;
};
BOOST_DESCRIBE_STRUCT(partition_verdicts, (), (source, partition, verdicts))

}  // namespace

std::vector<plain_message> verdict_messages(std::string_view stream,
                                            const std::vector<kernel::bus_verdict>& verdicts) {
  std::map<std::pair<std::string_view, std::int64_t>, partition_verdicts> open;
  std::vector<plain_message> messages;
  const auto send = [&](partition_verdicts& all) {
    messages.push_back({verdict_subject(stream, all.source, all.partition), "", json::write(all)});
    all.verdicts.clear();
  };
  for (const auto& v : verdicts) {
    auto& all = open[{v.source, v.partition}];
    all.source = v.source;
    all.partition = v.partition;
    all.verdicts.push_back({v.subscriber, v.seq, v.refused, v.event_id});
    if (all.verdicts.size() == verdicts_per_message) send(all);
  }
  for (auto& [partition, all] : open) {
    if (!all.verdicts.empty()) send(all);
  }
  return messages;
}

result<std::vector<kernel::bus_verdict>> read_verdicts(std::string_view text) {
  auto read = json::read_lenient<partition_verdicts>(text);
  if (!read) return std::move(read).error();
  std::vector<kernel::bus_verdict> list;
  list.reserve(read->verdicts.size());
  for (auto& v : read->verdicts) {
    list.push_back({std::move(v.subscriber), read->source, read->partition, v.seq,
                    std::move(v.refused), v.event_id});
  }
  return list;
}

}  // namespace stoa::nats
