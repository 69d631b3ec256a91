# `cmake --install` installs the queues, and nothing else, for find_package(handoff) to find.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/handoff")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/queues"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/handoff"
  FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(TARGETS handoff_headers handoff_queues EXPORT handoff-targets)
install(EXPORT handoff-targets NAMESPACE handoff:: DESTINATION "${package_dir}")

# The optional packages and their targets, which the installed config looks for in turn.
get_property(optional GLOBAL PROPERTY HANDOFF_OPTIONAL_PACKAGES)
list(REMOVE_DUPLICATES optional)
set(HANDOFF_OPTIONAL_LINES "")
foreach(package IN LISTS optional)
  get_property(target GLOBAL PROPERTY HANDOFF_PACKAGE_${package}_TARGET)
  if(NOT target)
    set(target ${package}::${package})
  endif()
  if(EXISTS "${PROJECT_SOURCE_DIR}/cmake/Find${package}.cmake")
    install(FILES "${PROJECT_SOURCE_DIR}/cmake/Find${package}.cmake" DESTINATION "${package_dir}")
  endif()
  string(APPEND HANDOFF_OPTIONAL_LINES "handoff_link_if_found(${package} ${target})\n")
endforeach()
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/handoff-config.cmake.in" "${PROJECT_BINARY_DIR}/handoff-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/handoff-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  "${PROJECT_BINARY_DIR}/handoff-config.cmake"
  "${PROJECT_BINARY_DIR}/handoff-config-version.cmake"
  DESTINATION "${package_dir}")
