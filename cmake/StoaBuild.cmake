# Compiler settings of all targets: C++20, warnings as errors, ccache, mold.
option(STOA_TESTS "Build the tests" ON)
option(STOA_PRECOMPILED "Use precompiled headers; without them a missing #include is noticed" ON)
option(STOA_UNITY "Compile several sources of a library at once: half of the time; as above" ON)
set(STOA_EDITED "" CACHE STRING "Sources that are being edited: compiled alone, since a group takes much longer")
list(TRANSFORM STOA_EDITED PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE stoa_edited)
set(STOA_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# -O3 compiles 10 % longer without a measurable gain: the time is spent in the kernel and SQLite.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# With jemalloc GCC needs a tenth less time.
find_library(STOA_JEMALLOC libjemalloc.so.2)
set(stoa_launcher)
if(STOA_JEMALLOC)
  set(stoa_launcher ${CMAKE_COMMAND} -E env LD_PRELOAD=${STOA_JEMALLOC})
endif()
# For precompiled headers without ccache: it has returned the compilation of an earlier version of a header, and
# then sources that use it saw each declaration twice.
set(stoa_precompiled_launcher ${stoa_launcher} ${CMAKE_SOURCE_DIR}/cmake/pch_sum)
find_program(STOA_CCACHE ccache)
if(STOA_CCACHE)
  # ccache requires this with precompiled headers: it then takes their macros from the compiled header. The
  # checksum of a header represents it (cmake/pch_sum).
  list(APPEND stoa_launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1 CCACHE_DEPEND=1
                            ${STOA_CCACHE})
endif()
if(stoa_launcher)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${stoa_launcher})
endif()
find_program(STOA_MOLD mold)

add_library(stoa_flags INTERFACE)
target_include_directories(stoa_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(stoa_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                       -Woverloaded-virtual -Werror
                       # GCC 12 reports these two inside optimised standard-library code.
                       -Wno-maybe-uninitialized -Wno-restrict
                       -Wno-error=dangling-pointer -Wno-error=stringop-overflow
                       -Wno-error=array-bounds -Wno-error=stringop-overread
                       # Less frequent garbage collection saves 10 % of the time for 50 MB more memory.
                       $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=700000>)
# The second: hiredis requires it, and precompiled headers must be compiled with the same options.
target_compile_definitions(stoa_flags INTERFACE STOA_VERSION="${PROJECT_VERSION}" _FILE_OFFSET_BITS=64)
if(STOA_MOLD)
  target_link_options(stoa_flags INTERFACE -fuse-ld=mold)
endif()
if(STOA_SANITIZE)
  target_compile_options(stoa_flags INTERFACE -fsanitize=${STOA_SANITIZE} -fno-omit-frame-pointer -g1)
  if(STOA_SANITIZE MATCHES thread)
    # It does not support fences, which Asio uses.
    target_compile_options(stoa_flags INTERFACE -Wno-tsan)
  endif()
  target_link_options(stoa_flags INTERFACE -fsanitize=${STOA_SANITIZE})
endif()

# Common headers, parsed once (GCC's precompiled headers); each set belongs to one target and is used by
# others. Of the project's headers only those whose change rebuilds nearly everything anyway.
set(stoa_common_headers
    <algorithm> <array> <atomic> <chrono> <condition_variable> <coroutine> <deque> <filesystem> <fstream>
    <functional> <iostream> <map> <memory> <mutex> <optional> <random> <set> <span> <sstream> <string>
    <string_view> <thread> <tuple> <unordered_map> <variant> <vector>
    <boost/describe.hpp> <boost/mp11.hpp> <boost/system/result.hpp>)
set(stoa_record_headers
    ${CMAKE_SOURCE_DIR}/storage/base/json_read.hpp ${CMAKE_SOURCE_DIR}/storage/base/json_write.hpp
    ${CMAKE_SOURCE_DIR}/storage/db/records.hpp)
function(stoa_precompiled target)
  if(STOA_PRECOMPILED)
    add_library(${target} OBJECT ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
    target_precompile_headers(${target} PRIVATE ${stoa_common_headers} ${ARGN})
    target_link_libraries(${target} PRIVATE stoa_flags)
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${stoa_precompiled_launcher}")
  endif()
endfunction()
function(stoa_use_precompiled target from)
  if(STOA_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

# Most of the time is spent on headers and templates that the sources of a library share: several are compiled
# at once. stoa_unity(TARGET GROUP SIZE SOURCE...): in groups of that size, named after the second argument. An
# edited source leaves its group and changes no other one.
function(stoa_unity target name size)
  if(NOT STOA_UNITY OR NOT ARGN)
    return()
  endif()
  set(count 0)
  foreach(source IN LISTS ARGN)
    math(EXPR number "${count} / ${size}")
    if(NOT source IN_LIST stoa_edited)
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${name}_${number})
    endif()
    math(EXPR count "${count} + 1")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # It treats the sources included here as headers.
  target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
endfunction()

# stoa_library(NAME DIR... [PRECOMPILED target] [GROUP n]): one static library of all sources under the folders,
# compiled in groups of n (24). A group takes 1.5 GB at most: fewer of the sources with coroutines and actors.
function(stoa_library name)
  cmake_parse_arguments(arg "" "PRECOMPILED;GROUP" "" ${ARGN})
  if(NOT arg_GROUP)
    set(arg_GROUP 24)
  endif()
  set(sources)
  foreach(dir IN LISTS arg_UNPARSED_ARGUMENTS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC stoa_flags)
  if(NOT arg_PRECOMPILED)
    set(arg_PRECOMPILED stoa_precompiled_records)
  endif()
  stoa_use_precompiled(${name} ${arg_PRECOMPILED})
  # Apart, since a test's program replaces these objects as a whole: those with planted faults, and those that
  # expand the list of services (tests/new_service). And CLI11 compiles long: it is read once.
  set(planted)
  set(cli11)
  set(others)
  foreach(source IN LISTS sources)
    file(STRINGS ${source} kinds REGEX "base/fault[.]hpp|STOA_SERVICES_DEF|<CLI/CLI[.]hpp>|subcommand_parts[.]hpp")
    if(kinds MATCHES "base/fault")
      list(APPEND planted ${source})
    elseif(kinds MATCHES "CLI|subcommand_parts")
      list(APPEND cli11 ${source})
    elseif(NOT kinds)
      list(APPEND others ${source})
    endif()
  endforeach()
  stoa_unity(${name} ${name} ${arg_GROUP} ${others})
  stoa_unity(${name} ${name}_cli11 ${arg_GROUP} ${cli11})
  stoa_unity(${name} ${name}_planted 16 ${planted})
  if(planted)
    set_property(GLOBAL APPEND PROPERTY STOA_PLANTED_LIBRARIES ${name})
    set_property(GLOBAL PROPERTY STOA_PLANTED_${name} ${planted})
  endif()
endfunction()

# stoa_test_program(TARGET LIBS lib... SOURCES file...): a Boost.Test program.
function(stoa_test_program target)
  cmake_parse_arguments(arg "" "" "LIBS;SOURCES" ${ARGN})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LIBS} stoa_flags stoa_test_main)
  stoa_use_precompiled(${target} stoa_precompiled_tests)
  # The tested code is fully optimised; with -Og the tests compile in half of the time.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Og>)
  target_compile_definitions(${target} PRIVATE STOA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
endfunction()

# stoa_test_groups(LIBS lib... FILES file... [SIZE n]): programs of n (12) test files each, because most of the time is
# spent on headers and templates that the files share. cmake/StoaTestGroup.cmake makes each file a test suite;
# stoa_test(FILE) then runs it. Files that replace functions of the whole program stay alone.
function(stoa_test_groups)
  cmake_parse_arguments(arg "" "SIZE" "LIBS;FILES" ${ARGN})
  if(NOT arg_SIZE)
    set(arg_SIZE 12)
  endif()
  set(count 0)
  set(files)
  foreach(file IN LISTS arg_FILES)
    file(STRINGS ${file} replaces REGEX "extern \"C\"|operator new|GLOBAL_FIXTURE" LIMIT_COUNT 1)
    if(NOT STOA_UNITY OR replaces)
      continue()
    endif()
    list(APPEND files ${file})
  endforeach()
  list(LENGTH files total)
  while(total GREATER 1)
    list(SUBLIST files 0 ${arg_SIZE} group)
    list(GET group 0 first)
    string(REGEX REPLACE "^(.*)/(.*)_test[.]cpp$" "\\1_\\2_group" target ${first})
    list(REMOVE_ITEM files ${group})
    list(LENGTH files total)
    list(TRANSFORM group PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
    if(stoa_edited)
      list(REMOVE_ITEM paths ${stoa_edited})
    endif()
    if(NOT paths)
      continue()
    endif()
    list(JOIN paths "|" joined)
    set(source ${CMAKE_BINARY_DIR}/generated/${target}.cpp)
    add_custom_command(
      OUTPUT ${source}
      COMMAND ${CMAKE_COMMAND} "-DFILES=${joined}" -DOUTPUT=${source}
              -P ${CMAKE_SOURCE_DIR}/cmake/StoaTestGroup.cmake
      DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/StoaTestGroup.cmake
      VERBATIM)
    # Without this the source would wait for the program's libraries.
    add_custom_target(${target}_source DEPENDS ${source})
    stoa_test_program(${target} LIBS ${arg_LIBS} SOURCES ${source})
    add_dependencies(${target} ${target}_source)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # as in stoa_unity
    foreach(path IN LISTS paths)
      cmake_path(RELATIVE_PATH path BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE file)
      set_property(GLOBAL PROPERTY STOA_TEST_GROUP_${file} ${target})
    endforeach()
  endwhile()
endfunction()

# stoa_test(FILE LIBS lib... [SOURCES file...] [TIMEOUT s] [SLOTS n] [SERIAL]): the tests of one file, named
# LEVEL/NAME in ctest after its folder and file; a program of the file alone, unless stoa_test_groups has it.
# `./dev test` has three slots for each core: a test that mostly waits takes one, several nodes take three.
# SERIAL: it measures times and must run alone. stoa_test_again(FILE NAME [option...]) adds a test that runs it once more.
function(stoa_test file)
  cmake_parse_arguments(arg "SERIAL" "TIMEOUT;SLOTS" "LIBS;SOURCES" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(level ${file} DIRECTORY)
  string(REPLACE "/" "_" target ${level}_${name})
  get_property(group GLOBAL PROPERTY STOA_TEST_GROUP_${file})
  if(group)
    add_custom_target(${target} DEPENDS ${group})
  else()
    stoa_test_program(${target} LIBS ${arg_LIBS} SOURCES ${file} ${arg_SOURCES})
  endif()
  stoa_test_again(${file} ${level}/${name})
  if(arg_TIMEOUT)
    set_tests_properties(${level}/${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
  endif()
  if(arg_SLOTS)
    set_tests_properties(${level}/${name} PROPERTIES PROCESSORS ${arg_SLOTS})
  endif()
  if(arg_SERIAL)
    set_tests_properties(${level}/${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

function(stoa_test_again file test)
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(level ${file} DIRECTORY)
  string(REPLACE "/" "_" target ${level}_${name})
  get_property(group GLOBAL PROPERTY STOA_TEST_GROUP_${file})
  set(command ${target})
  if(group)
    set(command ${group} --run_test=${name})
  endif()
  add_test(NAME ${test} COMMAND ${command} --log_level=message --report_level=no
           ${ARGN} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(${test} PROPERTIES TIMEOUT 300 LABELS ${level} SKIP_RETURN_CODE 77)
endfunction()
