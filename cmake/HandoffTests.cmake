# Test programs and how ctest runs them.

# handoff_add_test_program(NAME SOURCES file… [LINK target…]): one GoogleTest program; each of its tests is
# a test of ctest, named NAME.Suite.test.
function(handoff_add_test_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE handoff_options ${arg_LINK} GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name}
    TEST_PREFIX "${name}."
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 ENVIRONMENT "${HANDOFF_TEST_ENVIRONMENT}")
endfunction()

# handoff_add_test_area(AREA [LINK target…]): the program AREA_tests of tests/AREA/*.cpp.
function(handoff_add_test_area area)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  file(GLOB sources CONFIGURE_DEPENDS ${area}/*.cpp)
  if(sources)
    handoff_add_test_program(${area}_tests SOURCES ${sources} LINK ${arg_LINK})
  endif()
endfunction()
