# Writes one source that compiles several test files. Each becomes a test suite named after its file, which is
# also a namespace, so that names of two files do not collide; their #include lines come first. Run as a script:
#   cmake -DFILES=<file>|... -DOUTPUT=<source> -P StoaTestGroup.cmake
string(REPLACE "|" ";" FILES "${FILES}")
set(includes)
set(suites)
foreach(file IN LISTS FILES)
  file(STRINGS ${file} lines REGEX "^#include ")
  foreach(line IN LISTS lines)
    string(APPEND includes "${line}\n")
  endforeach()
  get_filename_component(name ${file} NAME_WE)
  string(APPEND suites "BOOST_AUTO_TEST_SUITE(${name})\n#include \"${file}\"\nBOOST_AUTO_TEST_SUITE_END()\n")
endforeach()
file(WRITE ${OUTPUT} "${includes}\n${suites}")
