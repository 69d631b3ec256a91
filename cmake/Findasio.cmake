# Finds standalone Asio, which has no CMake package in Debian. A version without channels (before 1.20) does not
# count. Target: asio::asio.
find_package(Threads QUIET)
find_path(asio_INCLUDE_DIR
  NAMES asio/experimental/channel.hpp
  DOC "Folder of asio.hpp and asio/")
if(asio_INCLUDE_DIR)
  file(STRINGS "${asio_INCLUDE_DIR}/asio/version.hpp" asio_VERSION REGEX "#define ASIO_VERSION ")
  string(REGEX REPLACE ".*// ([0-9.]+).*" "\\1" asio_VERSION "${asio_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(asio
  REQUIRED_VARS asio_INCLUDE_DIR Threads_FOUND
  VERSION_VAR asio_VERSION)
mark_as_advanced(asio_INCLUDE_DIR)

if(asio_FOUND AND NOT TARGET asio::asio)
  add_library(asio::asio INTERFACE IMPORTED)
  target_include_directories(asio::asio INTERFACE "${asio_INCLUDE_DIR}")
  target_link_libraries(asio::asio INTERFACE Threads::Threads)
  # Asio 1.22 looks for the Technical Specification's coroutines if the compiler is clang, which has C++20's.
  target_compile_definitions(asio::asio INTERFACE $<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT=1>)
endif()
