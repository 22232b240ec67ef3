#pragma once

namespace stoa::cli {

/// The commit of the build, 12 hexadecimal digits; empty: unknown. Defined in a generated file.
const char* build_commit();

}  // namespace stoa::cli
