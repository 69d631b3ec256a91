# Finds hwloc. Target: hwloc::hwloc.
include(HandoffPkgConfig)
handoff_find_by_pkg_config(hwloc HEADER hwloc.h)
