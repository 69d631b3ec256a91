# The packages that a backend may require and a machine may lack. Those that the project itself requires are looked
# for where they are used (queues/, harness/, bench/, tests/). cmake/packages.csv has Debian's names of all.

# handoff_package(NAME TARGET target): how a package that backends REQUIRE is linked, if not as NAME::NAME.
function(handoff_package name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET" "")
  set_property(GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_TARGET "${arg_TARGET}")
endfunction()

handoff_package(TBB TARGET TBB::tbb)
handoff_package(boost_fiber TARGET Boost::fiber)

# handoff_debian_package(RESULT NAME): Debian's name of a CMake package, from the list that scripts/setup installs;
# empty if the list does not have it.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/packages.csv")
function(handoff_debian_package result name)
  file(STRINGS "${PROJECT_SOURCE_DIR}/cmake/packages.csv" line REGEX "^[^,]*,[^,]*,${name},")
  string(REGEX REPLACE ",.*" "" debian "${line}")
  set(${result} "${debian}" PARENT_SCOPE)
endfunction()

# handoff_find_toolchain(RESULT NEEDS needs PROGRAM program [WITH pattern…]): looks for the compiler of peers in another
# language, which cmake/packages.csv has under the name of the program, and for files that must be there, too. RESULT is
# its path; if something is not there, RESULT is empty and `needs` tells a user what to install.
function(handoff_find_toolchain result)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NEEDS;PROGRAM" "WITH")
  handoff_debian_package(debian ${arg_PROGRAM})
  find_program(HANDOFF_${result} ${arg_PROGRAM} DOC "For peers")
  set(${result} "" PARENT_SCOPE)
  set(${arg_NEEDS} "" PARENT_SCOPE)
  set(lacking "")
  if(NOT HANDOFF_${result} OR arg_PROGRAM IN_LIST HANDOFF_WITHOUT)
    set(lacking "${arg_PROGRAM} (Debian: ${debian})")
  endif()
  foreach(pattern IN LISTS arg_WITH)
    file(GLOB found "${pattern}")
    if(NOT found AND NOT lacking)
      set(lacking "${pattern}")
    endif()
  endforeach()
  if(lacking)
    set(${arg_NEEDS} "${lacking}, which scripts/setup --peers installs" PARENT_SCOPE)
  else()
    set(${result} "${HANDOFF_${result}}" PARENT_SCOPE)
  endif()
endfunction()

# handoff_find_optional(NAME FOUND found TARGET target LABEL label): looks for a package that may be missing.
# `label` tells a user what to install.
function(handoff_find_optional name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOUND;TARGET;LABEL" "")
  get_property(target GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_TARGET)
  handoff_debian_package(debian ${name})
  if(NOT target)
    set(target ${name}::${name})
  endif()
  set(label ${name})
  if(debian)
    set(label "${name} (Debian: ${debian})")
  endif()

  set(found FALSE)
  if(NOT name IN_LIST HANDOFF_WITHOUT)
    find_package(${name} QUIET GLOBAL)
    if(${name}_FOUND)
      set(found TRUE)
      set_property(GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_FOUND TRUE)
      set_property(GLOBAL PROPERTY HANDOFF_PACKAGE_${name}_VERSION "${${name}_VERSION}")
      if(NOT TARGET ${target})
        message(FATAL_ERROR
          "Package ${name} was found but defines no target ${target}: add the line "
          "handoff_package(${name} TARGET <its target>) to cmake/HandoffPackages.cmake.")
      endif()
    endif()
  endif()
  set(${arg_FOUND} ${found} PARENT_SCOPE)
  set(${arg_TARGET} ${target} PARENT_SCOPE)
  set(${arg_LABEL} "${label}" PARENT_SCOPE)
endfunction()
