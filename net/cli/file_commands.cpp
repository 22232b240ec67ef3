#include "net/cli/file_commands.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace stoa::cli {

namespace {

using catalog::file_format;

constexpr std::array<file_command, 3> commands{{
    {file_format::shopify,
     "Import Shopify's product CSV. Handles become products with variants, Type becomes a path\n"
     "of categories (\"Home > Kitchen\"; without a Type the first tag is the category, unless\n"
     "the file is an export of Stoa).\n"
     "Fields without a column in the file keep their stored values (docs/import.md).\n"
     "Importing the same file again changes nothing. Invalid rows are listed with line, column\n"
     "and reason; the others are imported.",
     "The CSV file; - is standard input",
     "Exit code: 0 all rows were imported, 3 some were not, 1 none.\n\n",
     "Write all products as Shopify's product CSV, which `import shopify` can read.",
     "Exit code: 0 all products were written, 3 some cannot be exported to such a file.\n\n",
     import_shopify_file, export_shopify_file},
    {file_format::jsonl,
     "Import JSON Lines: each line is an object of the catalogue with the members of the API's\n"
     "requests (docs/import.md): a location, product type, category, product, price list, ...\n"
     "Absent members keep their stored values, null removes them.\n"
     "Importing the same file again changes nothing. Invalid lines are listed with the member and\n"
     "the reason; the others are imported.",
     "The file; - is standard input",
     "Exit code: 0 all lines were imported, 3 some were not, 1 none.\n\n",
     "Write the whole catalogue and its price lists as JSON Lines, which `import jsonl` can read.",
     "Exit code: 0 all objects were written.\n\n", import_lines_file, export_lines_file},
    {file_format::csv,
     "Import Stoa's product CSV: a row for each product, followed by rows for its variants and\n"
     "further images; the columns are named like the members of the API (docs/import.md).\n"
     "Fields without a column in the file keep their stored values, empty cells remove them.\n"
     "Importing the same file again changes nothing. Invalid products are listed with line,\n"
     "column and reason; the others are imported.",
     "The CSV file; - is standard input",
     "Exit code: 0 all products were imported, 3 some were not, 1 none.\n\n",
     "Write all products as Stoa's product CSV, for a spreadsheet; `import csv` can read it.",
     "Exit code: 0 all products were written.\n\n", import_csv_file, export_csv_file},
}};
static_assert(commands.size() == enumerator_values<file_format>.size());

}  // namespace

std::span<const file_command> file_commands() {
  return commands;
}

const file_command& command_of(file_format format) {
  const auto* found = std::ranges::find(commands, format, &file_command::format);
  if (found == commands.end()) throw std::logic_error("a file format without a command");
  return *found;
}

}  // namespace stoa::cli
