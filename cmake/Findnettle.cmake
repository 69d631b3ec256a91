# Finds nettle. Target: nettle::nettle.
include(HandoffPkgConfig)
handoff_find_by_pkg_config(nettle HEADER nettle/sha1.h)
