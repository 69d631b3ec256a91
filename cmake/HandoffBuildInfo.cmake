# What the bench program tells about its own build: bench/machine/build_info.hpp (known when CMake runs), the versions
# of the libraries, which go into the registry, and the commit, which lies beside the program (git_state.cmake).

# The version of a package: CMake's word, else the Debian package's, else "unknown".
function(handoff_package_version result version debian)
  if(NOT version)
    find_program(HANDOFF_DPKG_QUERY dpkg-query)
    mark_as_advanced(HANDOFF_DPKG_QUERY)
    if(HANDOFF_DPKG_QUERY)
      execute_process(COMMAND "${HANDOFF_DPKG_QUERY}" -W "-f=\${Version}" ${debian}
        OUTPUT_VARIABLE version ERROR_QUIET)
    endif()
  endif()
  if(NOT version)
    set(version unknown)
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# One line a library, `{.name = …, .version = …},`, as the table in registry.cpp wants it.
function(handoff_library_versions result)
  set(lines "")
  foreach(pair
      "benchmark|${benchmark_VERSION}|libbenchmark-dev"
      "CLI11|${CLI11_VERSION}|libcli11-dev"
      "fmt|${fmt_VERSION}|libfmt-dev"
      "hwloc|${hwloc_VERSION}|libhwloc-dev"
      "nlohmann_json|${nlohmann_json_VERSION}|nlohmann-json3-dev"
      "tomlplusplus|${tomlplusplus_VERSION}|libtomlplusplus-dev")
    string(REPLACE "|" ";" pair "${pair}")
    list(GET pair 0 name)
    list(GET pair 1 version)
    list(GET pair 2 debian)
    handoff_package_version(version "${version}" "${debian}")
    string(APPEND lines "\n      {.name = \"${name}\", .version = \"${version}\"},")
  endforeach()

  get_property(optional GLOBAL PROPERTY HANDOFF_OPTIONAL_PACKAGES)
  list(REMOVE_DUPLICATES optional)
  foreach(name IN LISTS optional)
    get_property(found GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_FOUND)
    if(found)
      get_property(version GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_VERSION)
      get_property(debian GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_DEBIAN)
      handoff_package_version(version "${version}" "${debian}")
      string(APPEND lines "\n      {.name = \"${name}\", .version = \"${version}\"},")
    endif()
  endforeach()
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

# Makes bench/machine/build_info.hpp and puts it on the target's include path.
function(handoff_generate_build_info target)
  set(include_dir "${CMAKE_CURRENT_BINARY_DIR}/generated/include")

  string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
  get_target_property(options handoff_options INTERFACE_COMPILE_OPTIONS)
  get_target_property(measured handoff_measured_code INTERFACE_COMPILE_OPTIONS)
  list(JOIN options " " options)
  string(APPEND options " ${measured}")
  string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${config}} -std=c++${CMAKE_CXX_STANDARD} ${options}" flags)
  handoff_cxx_string(HANDOFF_FLAGS "${flags}")
  handoff_cxx_string(HANDOFF_COMPILER "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  handoff_cxx_string(HANDOFF_BUILD_TYPE "${CMAKE_BUILD_TYPE}")
  handoff_cxx_string(HANDOFF_SANITIZERS "${HANDOFF_SANITIZE}")
  set(HANDOFF_MARCH_NATIVE_LITERAL false)
  if(HANDOFF_MARCH_NATIVE)
    set(HANDOFF_MARCH_NATIVE_LITERAL true)
  endif()
  configure_file(machine/build_info.hpp.in "${include_dir}/bench/machine/build_info.hpp" @ONLY)

  target_include_directories(${target} PRIVATE "${include_dir}")
endfunction()

# Writes in every build, beside the program's file, which commit it was built from.
function(handoff_stamp program file)
  set(stamp "${file}.git.json")
  add_custom_target(${program}_git_state
    COMMAND "${CMAKE_COMMAND}" -D "SOURCE=${PROJECT_SOURCE_DIR}" -D "OUTPUT=${stamp}"
      -P "${PROJECT_SOURCE_DIR}/cmake/git_state.cmake"
    BYPRODUCTS "${stamp}"
    COMMENT "Asking git which commit this is"
    VERBATIM)
  add_dependencies(${program} ${program}_git_state)
endfunction()
