# Generates one source from actors/notification/templates. Run as a script:
#   cmake -DFOLDER=<templates> -DOUTPUT=<file.cpp> -P StoaTemplates.cmake
file(GLOB files RELATIVE ${FOLDER} ${FOLDER}/*/*.mustache)
list(SORT files)
set(text "// Generated from actors/notification/templates; do not edit.\n")
string(APPEND text "#include \"actors/notification/template_files.hpp\"\n")
string(APPEND text "namespace stoa::notification {\nnamespace {\nconstexpr template_file list[] = {\n")
foreach(file IN LISTS files)
  file(READ ${FOLDER}/${file} body)
  string(APPEND text "{\"${file}\", R\"mustache(${body})mustache\"},\n")
endforeach()
string(APPEND text "};\n}  // namespace\nstd::span<const template_file> built_in_templates() { return list; }\n}\n")
file(WRITE ${OUTPUT} "${text}")
