# Writes OUTPUT with the commit of the sources, and only when it has changed: the file is compiled and
# the program linked again after a commit, nothing else. STOA_COMMIT in the environment names it where
# there is no repository (an image that is built from an archive).
set(commit "$ENV{STOA_COMMIT}")
if(NOT commit)
  execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD OUTPUT_VARIABLE commit
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit MATCHES "^[0-9a-f]*$")
  set(commit)
endif()
set(content "// Written by cmake/StoaCommit.cmake.
#include \"net/cli/build_commit.hpp\"

const char* stoa::cli::build_commit() {
  return \"${commit}\";
}
")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT "${old}" STREQUAL "${content}")
  file(WRITE ${OUTPUT} "${content}")
endif()
