#pragma once
// Audits the uploaded images of a store from outside: each file that an image of a product refers
// to is in the media folder with the content that its name promises.

#include "tests/support/store_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::test {

/// The violations; empty: none. `catalog`: the catalogue's database, attached as catalog_db.
std::vector<std::string> media_violations(store_files& files, const std::filesystem::path& folder);

}  // namespace stoa::test
