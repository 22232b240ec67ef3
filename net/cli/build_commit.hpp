#pragma once

namespace stoa::cli {

/// The commit that the program was built from, 12 hexadecimal digits; empty: not known. Defined in
/// a file that the build writes.
const char* build_commit();

}  // namespace stoa::cli
