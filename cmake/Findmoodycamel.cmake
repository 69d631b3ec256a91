# Finds moodycamel's ConcurrentQueue, which has no CMake package in Debian. Debian puts its headers into
# <concurrentqueue/>; its own install and other distributions put them into <concurrentqueue/moodycamel/> or
# <moodycamel/>. In each case the target moodycamel::moodycamel makes
#   #include <concurrentqueue.h>  and  #include <blockingconcurrentqueue.h>
# work.
find_path(moodycamel_INCLUDE_DIR
  NAMES blockingconcurrentqueue.h
  PATH_SUFFIXES concurrentqueue concurrentqueue/moodycamel moodycamel
  DOC "Folder of moodycamel's concurrentqueue.h and blockingconcurrentqueue.h")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(moodycamel REQUIRED_VARS moodycamel_INCLUDE_DIR)
mark_as_advanced(moodycamel_INCLUDE_DIR)

if(moodycamel_FOUND AND NOT TARGET moodycamel::moodycamel)
  add_library(moodycamel::moodycamel INTERFACE IMPORTED)
  target_include_directories(moodycamel::moodycamel INTERFACE "${moodycamel_INCLUDE_DIR}")
endif()
