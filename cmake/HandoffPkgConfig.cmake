include(FindPackageHandleStandardArgs)

# handoff_find_by_pkg_config(NAME HEADER header): for a Find module of a library that has a pkg-config file but no CMake
# package. Defines NAME_FOUND, NAME_VERSION and the target NAME::NAME. A macro, because those are for its caller.
macro(handoff_find_by_pkg_config name)
  cmake_parse_arguments(by_pkg_config "" "HEADER" "" ${ARGN})
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(PC_${name} QUIET ${name})
  endif()

  find_path(${name}_INCLUDE_DIR NAMES ${by_pkg_config_HEADER} HINTS ${PC_${name}_INCLUDE_DIRS})
  find_library(${name}_LIBRARY NAMES ${name} HINTS ${PC_${name}_LIBRARY_DIRS})
  set(${name}_VERSION ${PC_${name}_VERSION})

  find_package_handle_standard_args(${name}
    REQUIRED_VARS ${name}_LIBRARY ${name}_INCLUDE_DIR
    VERSION_VAR ${name}_VERSION)
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)

  if(${name}_FOUND AND NOT TARGET ${name}::${name})
    add_library(${name}::${name} UNKNOWN IMPORTED)
    set_target_properties(${name}::${name} PROPERTIES
      IMPORTED_LOCATION "${${name}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}")
  endif()
endmacro()
