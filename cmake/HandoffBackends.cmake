# One line per contender. From
#
#   handoff_add_backend(NAME [REQUIRES package…] [LIKE backend])   in queues/CMakeLists.txt
#   handoff_add_peer(NAME COMMAND word… SCENARIOS name… [ORDERING fifo] [WAIT loop] [SUMMARY "…"]
#                    [REFERENCE "…"] [DEPENDS target…])   in bench/peers/CMakeLists.txt
#
# come the registry entry, the benchmark cells, the forms for the patterns and the conformance tests. Every
# backend is compiled on its own, with its own libraries: adding one rebuilds its cells, its forms, its tests
# and the registries, nothing else (tests/architecture checks that).

# The line of a queue: queues/NAME.hpp, the class template handoff::NAME, and the packages that it needs.
# Without one of them the backend is listed as unavailable. LIKE: a backend that shares its code; sanitizer builds,
# which are slow to compile, test the harness's sessions over that one for both.
function(handoff_add_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LIKE" "REQUIRES")
  handoff_check_contender(handoff_add_backend ${name} "${arg_UNPARSED_ARGUMENTS}")
  get_property(known GLOBAL PROPERTY HANDOFF_BACKENDS)
  if(arg_LIKE AND NOT arg_LIKE IN_LIST known)
    message(FATAL_ERROR "handoff_add_backend(${name}): LIKE ${arg_LIKE}: no such backend is added before it.")
  endif()
  set(header "${PROJECT_SOURCE_DIR}/queues/${name}.hpp")
  if(NOT EXISTS "${header}")
    message(FATAL_ERROR "handoff_add_backend(${name}): ${header} is missing; it must define handoff::${name}.")
  endif()

  add_library(handoff_backend_${name} INTERFACE)
  target_link_libraries(handoff_backend_${name} INTERFACE handoff_headers)
  set(missing "")
  foreach(package IN LISTS arg_REQUIRES)
    handoff_find_optional(${package} FOUND found TARGET target LABEL label)
    set_property(GLOBAL APPEND PROPERTY HANDOFF_OPTIONAL_PACKAGES ${package})
    if(found)
      target_link_libraries(handoff_backend_${name} INTERFACE ${target})
      target_link_libraries(handoff_queues INTERFACE $<BUILD_INTERFACE:${target}>)
    else()
      list(APPEND missing "${label}")
    endif()
  endforeach()
  list(JOIN missing ", " needs)

  set_property(GLOBAL PROPERTY HANDOFF_BACKEND_${name}_LIKE "${arg_LIKE}")
  set_property(GLOBAL APPEND PROPERTY HANDOFF_BACKENDS ${name})
  set_property(GLOBAL PROPERTY HANDOFF_BACKEND_${name}_NEEDS "${needs}")
  if(needs)
    message(STATUS "Backend ${name} is unavailable: needs ${needs}")
  endif()
endfunction()

# The line of a contender that is a program of its own (docs/anatomy-of-a-peer.md). Its first word is looked up on
# the PATH when the bench program starts, so a missing one is no error here. DEPENDS are the targets that build it;
# they are built with every bench program. NEEDS says what this machine lacks to build it; empty if nothing.
function(handoff_add_peer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ORDERING;WAIT;SUMMARY;REFERENCE;NEEDS"
    "COMMAND;SCENARIOS;DEPENDS")
  handoff_check_contender(handoff_add_peer ${name} "${arg_UNPARSED_ARGUMENTS}")
  foreach(required COMMAND SCENARIOS)
    if(NOT arg_${required})
      message(FATAL_ERROR "handoff_add_peer(${name}): ${required} is missing.")
    endif()
  endforeach()
  if(NOT arg_ORDERING)
    set(arg_ORDERING fifo)
  endif()
  if(NOT arg_WAIT)
    set(arg_WAIT loop)
  endif()

  foreach(field COMMAND SCENARIOS)
    handoff_cxx_strings(${field} ${arg_${field}})
  endforeach()
  foreach(field ORDERING WAIT SUMMARY REFERENCE NEEDS)
    handoff_cxx_string(${field} "${arg_${field}}")
  endforeach()
  string(CONCAT definition
    "\nbackend peer_${name}() {\n"
    "  return peer_backend({.name = \"${name}\",\n"
    "       .command = {${COMMAND}},\n"
    "       .scenarios = {${SCENARIOS}},\n"
    "       .ordering = ${ORDERING},\n"
    "       .wait = ${WAIT},\n"
    "       .summary = ${SUMMARY},\n"
    "       .reference = ${REFERENCE},\n"
    "       .needs = ${NEEDS}});\n"
    "}\n")
  set_property(GLOBAL APPEND_STRING PROPERTY HANDOFF_PEER_DEFINITIONS "${definition}")
  set_property(GLOBAL APPEND_STRING PROPERTY HANDOFF_PEER_ENTRIES "\n      generated::peer_${name}(),")
  set_property(GLOBAL APPEND PROPERTY HANDOFF_PEER_TARGETS ${arg_DEPENDS})
endfunction()

# Checks that apply to both lines.
function(handoff_check_contender function name unparsed)
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "${function}(${name}): a contender's name is in snake_case, as in matrices and cell names.")
  endif()
  if(unparsed)
    message(FATAL_ERROR "${function}(${name}): unknown arguments ${unparsed}.")
  endif()
  get_property(known GLOBAL PROPERTY HANDOFF_CONTENDERS)
  if(name IN_LIST known)
    message(FATAL_ERROR "${function}(${name}): a contender of this name exists already.")
  endif()
  set_property(GLOBAL APPEND PROPERTY HANDOFF_CONTENDERS ${name})
endfunction()

# The text as a C++ string literal.
function(handoff_cxx_string result text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  set(${result} "\"${text}\"" PARENT_SCOPE)
endfunction()

# The words as C++ string literals, separated by commas.
function(handoff_cxx_strings result)
  set(literals "")
  foreach(word IN LISTS ARGN)
    handoff_cxx_string(literal "${word}")
    list(APPEND literals "${literal}")
  endforeach()
  list(JOIN literals ", " joined)
  set(${result} "${joined}" PARENT_SCOPE)
endfunction()

# handoff_available_backends(RESULT [ONE_OF_EACH_KIND]): the backends whose libraries are here; or those of them that
# are LIKE no other.
function(handoff_available_backends result)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ONE_OF_EACH_KIND" "" "")
  get_property(backends GLOBAL PROPERTY HANDOFF_BACKENDS)
  set(available "")
  foreach(backend IN LISTS backends)
    get_property(needs GLOBAL PROPERTY HANDOFF_BACKEND_${backend}_NEEDS)
    get_property(like GLOBAL PROPERTY HANDOFF_BACKEND_${backend}_LIKE)
    if(NOT needs AND NOT (arg_ONE_OF_EACH_KIND AND like))
      list(APPEND available ${backend})
    endif()
  endforeach()
  set(${result} ${available} PARENT_SCOPE)
endfunction()

# handoff_add_bench_program(NAME CONTENDERS library [ONLY backend…]): handoff-bench with the cells of all backends
# that are available, or with only those of ONLY. The program, and all that is linked to `library`, knows all by name.
function(handoff_add_bench_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CONTENDERS" "ONLY")
  handoff_available_backends(built)
  set(folder "")
  if(arg_ONLY)
    handoff_check_choice("${arg_ONLY}")
    handoff_choice_name(choice ${arg_ONLY})
    set(folder /only/${choice})
    foreach(backend IN LISTS built)
      if(NOT backend IN_LIST arg_ONLY)
        list(REMOVE_ITEM built ${backend})
      endif()
    endforeach()
  endif()
  handoff_generate_registry(${arg_CONTENDERS} "${CMAKE_CURRENT_BINARY_DIR}/generated${folder}" ${built})
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE handoff_options ${arg_CONTENDERS})
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME handoff-bench RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}${folder}")
  get_property(peer_targets GLOBAL PROPERTY HANDOFF_PEER_TARGETS)
  if(peer_targets)
    add_dependencies(${name} ${peer_targets})
  endif()
  handoff_stamp(${name} "${CMAKE_CURRENT_BINARY_DIR}${folder}/handoff-bench")
  if(arg_ONLY)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

function(handoff_check_choice only)
  get_property(known GLOBAL PROPERTY HANDOFF_CONTENDERS)
  foreach(name IN LISTS only)
    if(NOT name IN_LIST known)
      list(JOIN known ", " names)
      message(FATAL_ERROR "HANDOFF_ONLY: unknown contender ${name}; expected some of ${names}.")
    endif()
  endforeach()
endfunction()

# The name of a choice of contenders, in whatever order and however often they are named: `a+b`.
function(handoff_choice_name result)
  set(names ${ARGN})
  list(SORT names)
  list(REMOVE_DUPLICATES names)
  list(JOIN names "+" name)
  set(${result} ${name} PARENT_SCOPE)
endfunction()

# Makes the library of the registry of all contenders, with the cells of those backends that follow `folder`.
function(handoff_generate_registry library folder)
  get_property(backends GLOBAL PROPERTY HANDOFF_BACKENDS)
  add_library(${library} INTERFACE)
  target_link_libraries(${library} INTERFACE handoff_bench)
  set(HANDOFF_DECLARATIONS "")
  set(HANDOFF_BACKEND_ENTRIES "")
  foreach(backend IN LISTS backends)
    get_property(needs GLOBAL PROPERTY HANDOFF_BACKEND_${backend}_NEEDS)
    if(backend IN_LIST ARGN)
      string(APPEND HANDOFF_BACKEND_ENTRIES "\n      generated::backend_${backend}(),")
      string(APPEND HANDOFF_DECLARATIONS "backend backend_${backend}();\n")
      target_sources(${library} INTERFACE $<TARGET_OBJECTS:handoff_cells_${backend}>)
      # Only for the linker: the backend's flags must not reach the other sources of a program.
      target_link_libraries(${library} INTERFACE $<LINK_ONLY:handoff_backend_${backend}>)
    else()
      if(NOT needs)
        set(needs "handoff-bench itself, as this program has the cells of a few backends alone")
      endif()
      handoff_cxx_string(needs "${needs}")
      string(APPEND HANDOFF_BACKEND_ENTRIES "\n      unavailable_backend(\"${backend}\", ${needs}),")
    endif()
  endforeach()
  get_property(HANDOFF_PEER_DEFINITIONS GLOBAL PROPERTY HANDOFF_PEER_DEFINITIONS)
  get_property(HANDOFF_PEER_ENTRIES GLOBAL PROPERTY HANDOFF_PEER_ENTRIES)
  handoff_library_versions(HANDOFF_LIBRARY_VERSIONS)
  configure_file(contenders/registry.cpp.in "${folder}/registry.cpp" @ONLY)
  add_library(${library}_registry OBJECT EXCLUDE_FROM_ALL "${folder}/registry.cpp")
  target_link_libraries(${library}_registry PRIVATE handoff_options handoff_bench_headers)
  target_sources(${library} INTERFACE $<TARGET_OBJECTS:${library}_registry>)
endfunction()

# handoff_precompile(TARGET HEADERS header… LINK target…): headers that begin the generated file of every backend,
# precompiled once for all of them, which REUSE_FROM this target.
function(handoff_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LINK")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/${target}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "")
  add_library(${target} OBJECT EXCLUDE_FROM_ALL "${source}")
  target_link_libraries(${target} PRIVATE ${arg_LINK})
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()

# Each available backend's cells are a library of their own, so that they are compiled with only that backend's
# libraries. bench/fidelity/NAME.hpp, if there is one, holds the plain loops that the harness is held
# against.
function(handoff_generate_cells)
  handoff_available_backends(available)
  handoff_precompile(handoff_cells_headers
    HEADERS "${CMAKE_CURRENT_SOURCE_DIR}/google_benchmark/backend_cells.hpp"
    LINK handoff_measured_code handoff_headers handoff_bench_headers)
  foreach(HANDOFF_BACKEND IN LISTS available)
    set(HANDOFF_FIDELITY_INCLUDE "")
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/fidelity/${HANDOFF_BACKEND}.hpp")
      set(HANDOFF_FIDELITY_INCLUDE "#include \"bench/fidelity/${HANDOFF_BACKEND}.hpp\"\n")
    endif()
    set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/backend_${HANDOFF_BACKEND}.cpp")
    configure_file(google_benchmark/backend.cpp.in "${source}" @ONLY)
    add_library(handoff_cells_${HANDOFF_BACKEND} OBJECT "${source}")
    target_link_libraries(handoff_cells_${HANDOFF_BACKEND}
      PRIVATE handoff_measured_code handoff_backend_${HANDOFF_BACKEND} handoff_bench_headers)
    target_precompile_headers(handoff_cells_${HANDOFF_BACKEND} REUSE_FROM handoff_cells_headers)
  endforeach()
endfunction()

# Adds conformance_BACKEND.TEST: the compiler's WORDS about a file, made from TEMPLATE.cpp.in, that must not compile.
function(handoff_add_refusal_test backend template test words)
  set(HANDOFF_BACKEND ${backend})
  set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/${template}_${backend}.cpp")
  configure_file(${template}.cpp.in "${source}" @ONLY)
  set(folders "$<TARGET_PROPERTY:conformance_${backend},INCLUDE_DIRECTORIES>")
  set(macros "$<TARGET_PROPERTY:conformance_${backend},COMPILE_DEFINITIONS>")
  set(name conformance_${backend}.${test})
  add_test(NAME ${name}
    COMMAND "${CMAKE_CXX_COMPILER}" -std=c++20 -fsyntax-only
      "$<$<BOOL:${folders}>:-I$<JOIN:${folders},;-I>>" "$<$<BOOL:${macros}>:-D$<JOIN:${macros},;-D>>" "${source}"
    COMMAND_EXPAND_LISTS)
  set_tests_properties(${name} PROPERTIES PASS_REGULAR_EXPRESSION "${words}")
endfunction()

# Adds conformance_NAME, the suite held against one backend, for each available one.
function(handoff_generate_conformance)
  handoff_available_backends(available)
  set(here "${CMAKE_CURRENT_SOURCE_DIR}")
  handoff_precompile(conformance_headers
    HEADERS "${here}/suite.hpp" "${here}/types/alignment.hpp" "${here}/types/item_types.hpp"
    LINK handoff_options handoff_headers ${ARGN} GTest::gtest GTest::gtest_main)
  handoff_optimize_tests(conformance_headers -O1)
  foreach(backend IN LISTS available)
    set(HANDOFF_BACKEND ${backend})
    set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/conformance_${backend}.cpp")
    configure_file(conformance.cpp.in "${source}" @ONLY)
    handoff_add_test_program(conformance_${backend}
      SOURCES "${source}" LINK handoff_backend_${backend} ${ARGN})
    target_precompile_headers(conformance_${backend} REUSE_FROM conformance_headers)
    handoff_add_refusal_test(${backend} refusal refuses_throwing_moves_or_takes_them
      "takes items whose moves throw|: .*a throwing move ")
    handoff_add_refusal_test(${backend} alignment_refusal refuses_stricter_alignments
      ": .*stricter alignment ")
  endforeach()
endfunction()
