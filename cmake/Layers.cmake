# SPDX-License-Identifier: GPL-2.0-only
# Layers: libraries that cannot include what they must not know.
#
# A layer exports one include root, DIR/include, which holds only its own headers ("base/result.h"
# is base/include/base/result.h). It sees the roots of the layers that it names, and of those that
# these show in their headers (SEES, not HIDES), so that a crossing ends in "No such file". Headers
# that are private to a layer lie beside its sources. tests/layers tries every crossing.

# Outside libraries, and what a source that uses one includes. Debian keeps their headers where
# every compiler run looks: a fence in front of that place turns them into an error.
set(ZC_FENCED_LIBRARIES libbpf libmnl liburing libxdp fmt json CLI11)
set(ZC_HEADERS_libbpf
  bpf/bpf.h bpf/bpf_core_read.h bpf/bpf_endian.h bpf/bpf_helpers.h bpf/bpf_tracing.h bpf/btf.h
  bpf/libbpf.h bpf/libbpf_common.h bpf/libbpf_legacy.h bpf/libbpf_version.h bpf/skel_internal.h)
set(ZC_HEADERS_libmnl libmnl/libmnl.h)
set(ZC_HEADERS_liburing liburing.h liburing/io_uring.h)
set(ZC_HEADERS_libxdp xdp/xsk.h xdp/libxdp.h)
set(ZC_HEADERS_fmt
  fmt/args.h fmt/chrono.h fmt/color.h fmt/compile.h fmt/core.h fmt/format.h fmt/os.h fmt/ostream.h
  fmt/printf.h fmt/ranges.h fmt/std.h fmt/xchar.h)
set(ZC_HEADERS_json nlohmann/json.hpp nlohmann/json_fwd.hpp)
set(ZC_HEADERS_CLI11
  CLI/CLI.hpp CLI/App.hpp CLI/Config.hpp CLI/Error.hpp CLI/Formatter.hpp CLI/Option.hpp
  CLI/Validators.hpp)

set(ZC_TARGET_libbpf PkgConfig::LIBBPF)
set(ZC_TARGET_libmnl PkgConfig::LIBMNL)
set(ZC_TARGET_liburing PkgConfig::LIBURING)
set(ZC_TARGET_libxdp PkgConfig::LIBXDP)
set(ZC_TARGET_fmt fmt::fmt)
set(ZC_TARGET_json nlohmann_json::nlohmann_json)
set(ZC_TARGET_CLI11 CLI11::CLI11)

foreach(library ${ZC_FENCED_LIBRARIES})
  foreach(header ${ZC_HEADERS_${library}})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/fence/${library}/${header}
      CONTENT "#error \"this layer may not use ${library}: docs/architecture.md, Layers\"\n")
  endforeach()
endforeach()

# zc_fence(TARGET LIBRARIES…): the target may use these outside libraries and no other.
function(zc_fence target)
  foreach(library ${ZC_FENCED_LIBRARIES})
    if(library IN_LIST ARGN)
      target_link_libraries(${target} PRIVATE ${ZC_TARGET_${library}})
    else()
      target_include_directories(${target} BEFORE PRIVATE ${PROJECT_BINARY_DIR}/fence/${library})
    endif()
  endforeach()
endfunction()

# zc_layer(NAME SOURCES … [SEES LAYERS…] [HIDES LAYERS…] [USES LIBRARIES…]): the library zc_NAME, in
# the folder NAME. HIDES: layers that only its sources include, so that who sees it does not see
# them.
function(zc_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 LAYER "" "" "SOURCES;SEES;HIDES;USES")
  list(TRANSFORM LAYER_SOURCES PREPEND ${name}/)
  list(TRANSFORM LAYER_SEES PREPEND zc_)
  list(TRANSFORM LAYER_HIDES PREPEND zc_)
  add_library(zc_${name} STATIC ${LAYER_SOURCES})
  target_include_directories(zc_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/${name}/include
                                        PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  target_link_libraries(zc_${name} PUBLIC ${LAYER_SEES} PRIVATE ${LAYER_HIDES})
  zc_fence(zc_${name} ${LAYER_USES})
endfunction()
