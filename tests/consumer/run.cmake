# Installs the build in BUILD, then configures, builds and runs the consumer project in SOURCE against it, all
# under WORK. Run by ctest: see tests/CMakeLists.txt.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  message("${output}")
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "This command ended with status ${status}: ${command}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix")
if(NOT EXISTS "${WORK}/prefix/share/doc/handoff/LICENSE")
  message(FATAL_ERROR "The installed queues come without their license.")
endif()
run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/build" -G Ninja
  "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}")
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/hand_over")
if(EXPECT_LAYERED)
  run("${WORK}/build/hand_over_layered")
endif()
