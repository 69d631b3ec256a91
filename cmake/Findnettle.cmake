# Finds nettle, which has a pkg-config file but no CMake package. Target: nettle::nettle.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_nettle QUIET nettle)
endif()

find_path(nettle_INCLUDE_DIR NAMES nettle/sha1.h HINTS ${PC_nettle_INCLUDE_DIRS})
find_library(nettle_LIBRARY NAMES nettle HINTS ${PC_nettle_LIBRARY_DIRS})
set(nettle_VERSION ${PC_nettle_VERSION})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(nettle
  REQUIRED_VARS nettle_LIBRARY nettle_INCLUDE_DIR
  VERSION_VAR nettle_VERSION)
mark_as_advanced(nettle_INCLUDE_DIR nettle_LIBRARY)

if(nettle_FOUND AND NOT TARGET nettle::nettle)
  add_library(nettle::nettle UNKNOWN IMPORTED)
  set_target_properties(nettle::nettle PROPERTIES
    IMPORTED_LOCATION "${nettle_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${nettle_INCLUDE_DIR}")
endif()
