#include "storage/db/columns.hpp"

namespace stoa::db {

void append(std::vector<value>& out, std::monostate) {
  out.emplace_back();
}
void append(std::vector<value>& out, std::int64_t v) {
  out.emplace_back(v);
}
void append(std::vector<value>& out, double v) {
  out.emplace_back(v);
}
void append(std::vector<value>& out, std::string v) {
  out.emplace_back(std::move(v));
}
void append(std::vector<value>& out, const uuid& v) {
  out.emplace_back(v);
}

void wrong_column(std::string_view name) {
  throw error(error_kind::programming, std::string(name),
              "column " + std::string(name) + " has a value of another type");
}

std::string column_list(std::span<const column> columns, std::string_view prefix) {
  std::string list;
  for (const column& c : columns) {
    if (!list.empty()) list += ',';
    list.append(prefix).append(c.name);
    if (c.money) list.append(",").append(prefix).append(c.name).append("_currency");
  }
  return list;
}

void read_members(std::span<const column> columns, row r, std::size_t at, void* const* members) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].read(r, at, columns[i].name, members[i]);
  }
}

void write_members(std::span<const column> columns, const void* const* members,
                   std::vector<value>& out) {
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].write(members[i], out);
}

template void read_as<bool>(row, std::size_t&, std::string_view, void*);
template void write_as<bool>(const void*, std::vector<value>&);
template void read_as<std::int64_t>(row, std::size_t&, std::string_view, void*);
template void write_as<std::int64_t>(const void*, std::vector<value>&);
template void read_as<double>(row, std::size_t&, std::string_view, void*);
template void write_as<double>(const void*, std::vector<value>&);
template void read_as<std::string>(row, std::size_t&, std::string_view, void*);
template void write_as<std::string>(const void*, std::vector<value>&);
template void read_as<uuid>(row, std::size_t&, std::string_view, void*);
template void write_as<uuid>(const void*, std::vector<value>&);
template void read_as<timestamp>(row, std::size_t&, std::string_view, void*);
template void write_as<timestamp>(const void*, std::vector<value>&);
template void read_as<money>(row, std::size_t&, std::string_view, void*);
template void write_as<money>(const void*, std::vector<value>&);
template void read_as<std::optional<std::string>>(row, std::size_t&, std::string_view, void*);
template void write_as<std::optional<std::string>>(const void*, std::vector<value>&);
template void read_as<std::optional<std::int64_t>>(row, std::size_t&, std::string_view, void*);
template void write_as<std::optional<std::int64_t>>(const void*, std::vector<value>&);
template void read_as<std::optional<timestamp>>(row, std::size_t&, std::string_view, void*);
template void write_as<std::optional<timestamp>>(const void*, std::vector<value>&);
template void read_as<std::optional<money>>(row, std::size_t&, std::string_view, void*);
template void write_as<std::optional<money>>(const void*, std::vector<value>&);

}  // namespace stoa::db
