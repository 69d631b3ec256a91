# Test programs and how ctest runs them.

# GoogleTest's header, and those with which most files of a program begin, take a third of the compile time of
# an ordinary test file: many files share them precompiled.
function(handoff_share_headers target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  if(count GREATER 4)
    target_precompile_headers(${target} PRIVATE <gtest/gtest.h> ${ARGN})
  endif()
endfunction()

# The level of optimization, which is the dev preset's own there.
function(handoff_optimize_tests target level)
  if(HANDOFF_SANITIZE)
    target_compile_options(${target} PRIVATE ${level})
  else()
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
  endif()
endfunction()

# handoff_add_test_program(NAME [UNOPTIMIZED] [TOGETHER] SOURCES file… [LINK target…] [SHARES header…]): one
# GoogleTest program; each of its tests is a test of ctest, named NAME.Suite.test. Only what measures is worth the
# time of -O3: tests are compiled at -O1, and at -O0 if UNOPTIMIZED, which is for tests of logic rather than of
# generated code; the dev preset compiles all at -O0. TOGETHER: several of its files are compiled at a time, except by
# dev; two of them must not give the same name to things of their own. SHARES: headers that most of its files
# include.
function(handoff_add_test_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "UNOPTIMIZED;TOGETHER" "" "SOURCES;LINK;SHARES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE handoff_options ${arg_LINK} GTest::gtest GTest::gtest_main)
  handoff_share_headers(${name} ${arg_SHARES})
  if(arg_UNOPTIMIZED)
    handoff_optimize_tests(${name} -O0)
  else()
    handoff_optimize_tests(${name} -O1)
  endif()
  if(arg_TOGETHER)
    handoff_compile_together(${name} tests 8)
  endif()
  gtest_discover_tests(${name}
    TEST_PREFIX "${name}."
    NO_PRETTY_VALUES
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 ENVIRONMENT "${HANDOFF_TEST_ENVIRONMENT}")
endfunction()

# handoff_add_test_area(AREA …): the program AREA_tests of all sources in tests/AREA, the rest as above.
function(handoff_add_test_area area)
  file(GLOB sources CONFIGURE_DEPENDS ${area}/*.cpp)
  handoff_add_test_program(${area}_tests SOURCES ${sources} ${ARGN})
endfunction()

# handoff_add_python_tests(AREA [ONLY file] [ENVIRONMENT name=value…]): pytest on tests/AREA, one test of ctest a
# file, named AREA.file (a dot for each slash).
find_program(HANDOFF_PYTHON python3 DOC "The Python of scripts/setup, or the system's"
  PATHS "${PROJECT_SOURCE_DIR}/.venv/bin" /usr/bin NO_DEFAULT_PATH)
find_program(HANDOFF_PYTHON python3 REQUIRED)

function(handoff_add_python_tests area)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ONLY" "ENVIRONMENT")
  if(NOT arg_ONLY)
    set(arg_ONLY "test_*.py")
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${area}/${arg_ONLY})
  foreach(file IN LISTS files)
    cmake_path(GET file STEM stem)
    string(REPLACE "/" "." name "${area}.${stem}")
    add_test(NAME ${name}
      COMMAND "${HANDOFF_PYTHON}" -m pytest -q --color=no -p no:cacheprovider
        "--junitxml=${PROJECT_BINARY_DIR}/junit/${name}.xml" "${file}"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT "${arg_ENVIRONMENT}")
  endforeach()
endfunction()
