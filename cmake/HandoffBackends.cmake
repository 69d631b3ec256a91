# One line per contender. From
#
#   handoff_add_backend(NAME [REQUIRES package…])        in queues/CMakeLists.txt
#   handoff_add_peer(NAME COMMAND word… SCENARIOS name… [ORDERING fifo] [WAIT loop] [SUMMARY "…"]
#                    [REFERENCE "…"])                     in bench/peers/CMakeLists.txt
#
# come the registry entry, the benchmark cells, the forms for the patterns and the conformance tests. Every
# backend is compiled on its own, with its own libraries: adding one rebuilds its cells, its forms, its tests
# and the registries, nothing else (tests/architecture holds the build to that).

# The line of a queue: queues/NAME.hpp, the class template handoff::NAME, and the packages that it needs.
# Without one of them the backend is listed as unavailable.
function(handoff_add_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "REQUIRES")
  handoff_check_contender(handoff_add_backend ${name} "${arg_UNPARSED_ARGUMENTS}")
  set(header "${PROJECT_SOURCE_DIR}/queues/${name}.hpp")
  if(NOT EXISTS "${header}")
    message(FATAL_ERROR "handoff_add_backend(${name}): there is no ${header}, where handoff::${name} should be.")
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

  set_property(GLOBAL APPEND PROPERTY HANDOFF_BACKENDS ${name})
  set_property(GLOBAL PROPERTY HANDOFF_BACKEND_${name}_NEEDS "${needs}")
  if(needs)
    message(STATUS "Backend ${name} is unavailable: needs ${needs}")
  endif()
endfunction()

# The line of a contender in another language: a program that takes a cell's axes and prints its rows. Its
# first word is looked up on the PATH when the bench program starts, so a missing one is no error here.
function(handoff_add_peer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ORDERING;WAIT;SUMMARY;REFERENCE" "COMMAND;SCENARIOS")
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
  foreach(field ORDERING WAIT SUMMARY REFERENCE)
    handoff_cxx_string(${field} "${arg_${field}}")
  endforeach()
  string(CONCAT entry
    "\n      {.name = \"${name}\",\n"
    "       .command = {${COMMAND}},\n"
    "       .scenarios = {${SCENARIOS}},\n"
    "       .ordering = ${ORDERING},\n"
    "       .wait = ${WAIT},\n"
    "       .summary = ${SUMMARY},\n"
    "       .reference = ${REFERENCE}},")
  set_property(GLOBAL APPEND_STRING PROPERTY HANDOFF_PEER_ENTRIES "${entry}")
endfunction()

# What both lines must get right.
function(handoff_check_contender function name unparsed)
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "${function}(${name}): a contender's name is in snake_case, as in matrices and cell names.")
  endif()
  if(unparsed)
    message(FATAL_ERROR "${function}(${name}): does not know the arguments ${unparsed}.")
  endif()
  get_property(known GLOBAL PROPERTY HANDOFF_CONTENDERS)
  if(name IN_LIST known)
    message(FATAL_ERROR "${function}(${name}): there is a contender of this name already.")
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

# The backends whose libraries are here.
function(handoff_available_backends result)
  get_property(backends GLOBAL PROPERTY HANDOFF_BACKENDS)
  set(available "")
  foreach(backend IN LISTS backends)
    get_property(needs GLOBAL PROPERTY HANDOFF_BACKEND_${backend}_NEEDS)
    if(NOT needs)
      list(APPEND available ${backend})
    endif()
  endforeach()
  set(${result} ${available} PARENT_SCOPE)
endfunction()

# Adds each available backend's cells, and the registry of all contenders, to the bench library.
function(handoff_generate_bench target)
  get_property(backends GLOBAL PROPERTY HANDOFF_BACKENDS)
  handoff_available_backends(available)
  set(declarations "")
  set(HANDOFF_BACKEND_ENTRIES "")
  foreach(backend IN LISTS backends)
    get_property(needs GLOBAL PROPERTY HANDOFF_BACKEND_${backend}_NEEDS)
    handoff_cxx_string(needs "${needs}")
    set(is_available false)
    set(get nullptr)
    if(backend IN_LIST available)
      set(is_available true)
      set(get "generated::backend_${backend}")
      list(APPEND declarations "const backend_entry& backend_${backend}()")
      handoff_generate_cells(${target} ${backend})
    endif()
    string(APPEND HANDOFF_BACKEND_ENTRIES
      "\n      {.name = \"${backend}\", .available = ${is_available}, .needs = ${needs}, .get = ${get}},")
  endforeach()
  list(TRANSFORM declarations APPEND "\;")
  list(JOIN declarations "\n" HANDOFF_DECLARATIONS)
  get_property(HANDOFF_PEER_ENTRIES GLOBAL PROPERTY HANDOFF_PEER_ENTRIES)
  handoff_library_versions(HANDOFF_LIBRARY_VERSIONS)
  set(registry "${CMAKE_CURRENT_BINARY_DIR}/generated/registry.cpp")
  configure_file(registry.cpp.in "${registry}" @ONLY)
  target_sources(${target} PRIVATE "${registry}")
endfunction()

# A backend's cells are a library of their own, so that they are compiled with that backend's libraries
# alone. bench/fidelity/NAME.hpp, where there is one, holds the plain loops that the harness is held against.
function(handoff_generate_cells target backend)
  set(HANDOFF_BACKEND ${backend})
  set(HANDOFF_FIDELITY_INCLUDE "")
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/fidelity/${backend}.hpp")
    set(HANDOFF_FIDELITY_INCLUDE "#include \"bench/fidelity/${backend}.hpp\"\n")
  endif()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/backend_${backend}.cpp")
  configure_file(backend.cpp.in "${source}" @ONLY)
  add_library(handoff_cells_${backend} OBJECT "${source}")
  target_link_libraries(handoff_cells_${backend}
    PRIVATE handoff_measured_code handoff_backend_${backend} handoff_bench_headers)
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:handoff_cells_${backend}>)
  # For the linker alone: the backend's flags are no business of the other sources of the target.
  target_link_libraries(${target} PRIVATE $<LINK_ONLY:handoff_backend_${backend}>)
endfunction()

# Adds conformance_NAME.refuses_throwing_moves_or_takes_them: the compiler's words about a file that must not compile.
function(handoff_add_refusal_test backend)
  set(HANDOFF_BACKEND ${backend})
  set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/refusal_${backend}.cpp")
  configure_file(refusal.cpp.in "${source}" @ONLY)
  set(folders "$<TARGET_PROPERTY:conformance_${backend},INCLUDE_DIRECTORIES>")
  set(macros "$<TARGET_PROPERTY:conformance_${backend},COMPILE_DEFINITIONS>")
  set(name conformance_${backend}.refuses_throwing_moves_or_takes_them)
  add_test(NAME ${name}
    COMMAND "${CMAKE_CXX_COMPILER}" -std=c++20 -fsyntax-only
      "$<$<BOOL:${folders}>:-I$<JOIN:${folders},;-I>>" "$<$<BOOL:${macros}>:-D$<JOIN:${macros},;-D>>" "${source}"
    COMMAND_EXPAND_LISTS)
  set_tests_properties(${name} PROPERTIES
    PASS_REGULAR_EXPRESSION "takes items whose moves throw|: .*a throwing move ")
endfunction()

# Adds conformance_NAME, the suite held against one backend, for each available one.
function(handoff_generate_conformance)
  handoff_available_backends(available)
  foreach(backend IN LISTS available)
    set(HANDOFF_BACKEND ${backend})
    set(source "${CMAKE_CURRENT_BINARY_DIR}/generated/conformance_${backend}.cpp")
    configure_file(conformance.cpp.in "${source}" @ONLY)
    handoff_add_test_program(conformance_${backend}
      SOURCES "${source}" LINK handoff_backend_${backend} ${ARGN})
    handoff_add_refusal_test(${backend})
  endforeach()
endfunction()
