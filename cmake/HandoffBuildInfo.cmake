# The bench program's facts about its own build: bench/machine/build_info.hpp (known when CMake runs), the versions
# of the libraries, which go into the registry, and the commit, which lies beside the program (git_state.cmake).

# The version of a package: the one that CMake found, else the Debian package's, else "unknown".
function(handoff_package_version result name version)
  if(NOT version)
    handoff_debian_package(debian ${name})
    find_program(HANDOFF_DPKG_QUERY dpkg-query)
    mark_as_advanced(HANDOFF_DPKG_QUERY)
    if(HANDOFF_DPKG_QUERY AND debian)
      execute_process(COMMAND "${HANDOFF_DPKG_QUERY}" -W "-f=\${Version}" ${debian}
        OUTPUT_VARIABLE version ERROR_QUIET)
    endif()
  endif()
  if(NOT version)
    set(version unknown)
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# One line per library, `{.name = …, .version = …},`, as the table in registry.cpp wants it.
function(handoff_library_versions result)
  set(lines "")
  foreach(name IN ITEMS benchmark CLI11 fmt hwloc nettle nlohmann_json tomlplusplus)
    handoff_package_version(version ${name} "${${name}_VERSION}")
    string(APPEND lines "\n      {.name = \"${name}\", .version = \"${version}\"},")
  endforeach()

  get_property(optional GLOBAL PROPERTY HANDOFF_OPTIONAL_PACKAGES)
  list(REMOVE_DUPLICATES optional)
  foreach(name IN LISTS optional)
    get_property(found GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_FOUND)
    if(found)
      get_property(version GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_VERSION)
      handoff_package_version(version ${name} "${version}")
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
  list(JOIN measured " " measured)
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

# In every build, writes beside the program's file which commit it was built from.
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
