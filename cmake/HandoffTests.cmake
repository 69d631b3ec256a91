# Test programs and how ctest runs them.

# handoff_add_test_program(NAME SOURCES file… [LINK target…]): one GoogleTest program; each of its tests is
# a test of ctest, named NAME.Suite.test.
function(handoff_add_test_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE handoff_options ${arg_LINK} GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name}
    TEST_PREFIX "${name}."
    NO_PRETTY_VALUES
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 ENVIRONMENT "${HANDOFF_TEST_ENVIRONMENT}")
endfunction()

# handoff_add_test_area(AREA [LINK target…]): the program AREA_tests of all sources in tests/AREA.
function(handoff_add_test_area area)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${area}/*.cpp)
  if(sources)
    handoff_add_test_program(${area}_tests SOURCES ${sources} LINK ${arg_LINK})
  endif()
endfunction()

# handoff_add_python_tests(AREA [ENVIRONMENT name=value…]): pytest on tests/AREA, one test of ctest a file,
# named AREA.file.
find_program(HANDOFF_PYTHON python3 DOC "The Python of scripts/setup, or the system's"
  PATHS "${PROJECT_SOURCE_DIR}/.venv/bin" /usr/bin NO_DEFAULT_PATH)
find_program(HANDOFF_PYTHON python3 REQUIRED)

function(handoff_add_python_tests area)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ENVIRONMENT")
  file(GLOB files CONFIGURE_DEPENDS ${area}/test_*.py)
  foreach(file IN LISTS files)
    cmake_path(GET file STEM stem)
    set(name ${area}.${stem})
    add_test(NAME ${name}
      COMMAND "${HANDOFF_PYTHON}" -m pytest -q --color=no -p no:cacheprovider
        "--junitxml=${PROJECT_BINARY_DIR}/junit/${name}.xml" "${file}"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT "${arg_ENVIRONMENT}")
  endforeach()
endfunction()
