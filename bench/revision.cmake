# SPDX-License-Identifier: GPL-2.0-only
# Writes the git revision into OUTPUT, at build time and only when it has changed.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git describe --always --dirty --abbrev=12
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE revision ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT revision)
  set(revision unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define ZC_BENCH_REVISION \"@revision@\"\n" @ONLY)
