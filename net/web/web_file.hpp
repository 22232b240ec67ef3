#pragma once
// The files of the web pages, embedded by cmake/StoaWeb.cmake.

#include <span>
#include <string_view>

namespace stoa::front {

struct web_file {
  std::string_view name;
  std::string_view content;
};

std::span<const web_file> web_files();

}  // namespace stoa::front
