# How the project's own code is compiled. None of this reaches a project that uses handoff::queues, except C++20,
# which the queues themselves require.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(handoff_options INTERFACE)
target_compile_options(handoff_options INTERFACE -Wall -Wextra -Wpedantic)
if(HANDOFF_MARCH_NATIVE)
  target_compile_options(handoff_options INTERFACE -march=native)
endif()
if(HANDOFF_SANITIZE)
  # No recovery: nobody reads a report after which the test continues.
  target_compile_options(handoff_options INTERFACE
    -fsanitize=${HANDOFF_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(handoff_options INTERFACE -fsanitize=${HANDOFF_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The code that the sanitizers insert makes g++ see uninitialized values in every std::optional; the other
    # presets keep the warning.
    target_compile_options(handoff_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

# Further options for the cells, whose speed must depend on nothing but what they do.
add_library(handoff_measured_code INTERFACE)
target_link_libraries(handoff_measured_code INTERFACE handoff_options)

# GCC stops inlining when a translation unit has grown by two fifths: by how much other code stands beside what is
# measured. A user's own loop over one queue is compiled without ever reaching that limit.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(handoff_measured_code INTERFACE --param=inline-unit-growth=1000)
endif()

# Intel's processors from Skylake to Cascade Lake decode a 32-byte line anew each time if a jump crosses or touches its
# end (Intel, "Mitigations for Jump Conditional Code Erratum", 2019). Whether a loop has such a jump changes with any line
# of code before it, and a loop over coroutines lost a third of its speed to one. So no jump does.
if(HANDOFF_BUILD_BENCH)
  include(CheckCXXCompilerFlag)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(align_branches -Wa,-mbranches-within-32B-boundaries) # the assembler's, from binutils 2.34 on
  else()
    set(align_branches -mbranches-within-32B-boundaries)
  endif()
  check_cxx_compiler_flag(${align_branches} HANDOFF_CAN_ALIGN_BRANCHES)
  if(HANDOFF_CAN_ALIGN_BRANCHES)
    target_compile_options(handoff_measured_code INTERFACE ${align_branches})
  endif()
endif()

# Compiles `batch` files of the target at a time (0: all), which takes a third of the processor time if they include
# much the same: targets of `part`, product or tests, if HANDOFF_UNITY is `all`, and tests if it is `tests`. The dev
# preset compiles each file alone, so that one that is edited is soon compiled, and tsan those of the product, so
# that a missing include shows.
function(handoff_compile_together target part batch)
  if(HANDOFF_UNITY STREQUAL "all" OR HANDOFF_UNITY STREQUAL part)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
    # g++ takes whatever is included for a header, in which a name of an unnamed namespace would be a fault.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
