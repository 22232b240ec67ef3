#pragma once
// Object ids of the server's types (pg_type.dat), which never change. Internal to the driver.

#include <libpq-fe.h>

namespace stoa::db {

constexpr Oid oid_bool = 16;
constexpr Oid oid_int8 = 20;
constexpr Oid oid_int2 = 21;
constexpr Oid oid_int4 = 23;
constexpr Oid oid_text = 25;
constexpr Oid oid_oid = 26;
constexpr Oid oid_float4 = 700;
constexpr Oid oid_float8 = 701;
constexpr Oid oid_numeric = 1700;
constexpr Oid oid_uuid = 2950;

}  // namespace stoa::db
