# Generates one source from net/web. Run as a script:
#   cmake -DSOURCE=<repository> -DOUTPUT=<file.cpp> -P StoaWeb.cmake
file(GLOB files ${SOURCE}/net/web/*.html ${SOURCE}/net/web/*.css ${SOURCE}/net/web/*.js
     ${SOURCE}/net/web/*.svg)
list(SORT files)
set(text "// Generated from net/web; do not edit.\n#include \"net/web/web_file.hpp\"\n")
string(APPEND text "namespace stoa::front {\nnamespace {\nconstexpr web_file list[] = {\n")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(READ ${file} body)
  string(APPEND text "{\"${name}\", R\"web(${body})web\"},\n")
endforeach()
string(APPEND text "};\n}  // namespace\nstd::span<const web_file> web_files() { return list; }\n}\n")
file(WRITE ${OUTPUT} "${text}")
