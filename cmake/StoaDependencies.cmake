# Debian 12 packages, one interface target each. CAF 0.17.6, cjose and kainjow mustache come without
# CMake packages.
find_package(Threads REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)  # CMake 3.25 does not know 1.81's dependencies; headers have none
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS unit_test_framework)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
# cjose's .pc file asks for jansson's, which its headers do not need.
find_library(CJOSE cjose REQUIRED)
find_library(CAF_CORE caf_core REQUIRED)
find_library(CAF_IO caf_io REQUIRED)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
# 7.87 has CURLOPT_QUICK_EXIT.
find_package(CURL 7.87 REQUIRED)
find_library(NATS nats REQUIRED)
find_library(PROMETHEUS_CORE prometheus-cpp-core REQUIRED)

find_package(ZLIB REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)

add_library(stoa_dep_log INTERFACE)
target_link_libraries(stoa_dep_log INTERFACE spdlog::spdlog fmt::fmt)
target_compile_definitions(stoa_dep_log INTERFACE SPDLOG_FMT_EXTERNAL)

add_library(stoa_dep_boost INTERFACE)
target_link_libraries(stoa_dep_boost INTERFACE Boost::headers Threads::Threads)

add_library(stoa_dep_rapidjson INTERFACE)
target_compile_definitions(stoa_dep_rapidjson INTERFACE RAPIDJSON_HAS_STDSTRING=1)

add_library(stoa_dep_crypto INTERFACE)
target_link_libraries(stoa_dep_crypto INTERFACE PkgConfig::SODIUM)

add_library(stoa_dep_text INTERFACE)
target_link_libraries(stoa_dep_text INTERFACE PkgConfig::UTF8PROC PkgConfig::ICU)

add_library(stoa_dep_compression INTERFACE)
target_link_libraries(stoa_dep_compression INTERFACE ZLIB::ZLIB PkgConfig::ZSTD)

add_library(stoa_dep_jose INTERFACE)
target_link_libraries(stoa_dep_jose INTERFACE ${CJOSE} OpenSSL::Crypto)

add_library(stoa_dep_sqlite INTERFACE)
target_link_libraries(stoa_dep_sqlite INTERFACE SQLite::SQLite3)

add_library(stoa_dep_postgres INTERFACE)
target_link_libraries(stoa_dep_postgres INTERFACE PkgConfig::PQ)

add_library(stoa_dep_redis INTERFACE)
target_link_libraries(stoa_dep_redis INTERFACE PkgConfig::HIREDIS)

add_library(stoa_dep_nats INTERFACE)
target_link_libraries(stoa_dep_nats INTERFACE ${NATS})

add_library(stoa_dep_curl INTERFACE)
target_link_libraries(stoa_dep_curl INTERFACE CURL::libcurl)

add_library(stoa_dep_caf INTERFACE)
target_link_libraries(stoa_dep_caf INTERFACE ${CAF_IO} ${CAF_CORE} OpenSSL::SSL)
target_compile_definitions(stoa_dep_caf INTERFACE CAF_ENABLE_TYPE_ID_CHECKS)

add_library(stoa_dep_metrics INTERFACE)
target_link_libraries(stoa_dep_metrics INTERFACE ${PROMETHEUS_CORE})
