# SPDX-License-Identifier: GPL-2.0-only
# What to type. CMake does the work; each target first installs the Debian packages it needs.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help build build-bench install uninstall demo test test-build-debian12 test-build-debian13 \
  test-upgrade fuzz-rtcp bars-rtcp sync-rtcp test-kernels test-drivers test-pacing-fq bench-pacing test-clocks \
  soak test-tcp bench bars fmt lint lint-changed clean

deps = scripts/install-deps.sh
# configure,TESTS,BENCH,MICRO: what is not asked for needs no packages. Warnings are errors under CI
# only: a compiler that is newer than we are must not keep anybody from building.
configure = cmake -S . -B build -DZC_TESTS=$(1) -DZC_BENCH=$(2) -DZC_MICRO=$(3) \
  -DZC_WERROR=$(if $(filter true,$(CI)),ON,OFF)
compile = cmake --build build --parallel $(shell nproc)
# Of all tests together; a run that is cut off has failed.
test_seconds = 540

PREFIX ?= /usr/local
# What lint-changed compares with; empty: scripts/lint.sh chooses.
BASE ?=
REVISION ?=
MINUTES ?= 10
FRAMES ?= 0
CHURN ?= 1000

# golden_packets.h is made by a script and stays as it was made.
ours = $(shell find bpf ctl include tests bench examples \( -name '*.[ch]' -o -name '*.cpp' \) \
  ! -name golden_packets.h)

help:
	@echo 'make build   the program: build/zcctl'
	@echo 'make build-bench   and build/zcctl-bench, which `zcctl bench` starts'
	@echo 'make install, make uninstall   [PREFIX=/usr/local] [DESTDIR=]'
	@echo 'make demo    a film through zcctl to an independent receiver (root)'
	@echo 'make test    all tests; without root those that need none'
	@echo 'make bench   the micro benchmarks (root)'
	@echo 'make bars    one call, many packets, against what was promised of it: 20 minutes (root)'
	@echo 'make fmt     clang-format; make lint: form, clang-tidy, shellcheck, mandoc, licences'
	@echo 'make lint-changed   the same in 5 minutes, clang-tidy for what changed [BASE=commit]'
	@echo 'make test-build-debian12, -debian13   builds in a chroot of that Debian (root)'
	@echo 'make test-upgrade   takes over what an older zcctl left in force [REVISION=commit] (root)'
	@echo 'make test-kernels   bpf_tests, tcp_tests, kTLS on older kernels, in QEMU: 5 minutes (root) [QUICK=1]'
	@echo 'make test-drivers   real drivers and cards, in QEMU, every frame judged: 2 minutes (root)'
	@echo 'make test-clocks   clocks over 10^6 packets, real films, receivers in real time: 6 minutes (root)'
	@echo 'make test-tcp   6 GB of RTP on TCP, every byte judged: a minute (root)'
	@echo 'make soak    every frame of 400 streams judged (root) [MINUTES=10] [FRAMES=0] [CHURN=1000]'
	@echo 'make fuzz-rtcp   10,000,000 inputs for the RTCP parser [RUNS=10000000]'
	@echo 'make bench-pacing   --rate on this host; make test-pacing-fq: with fq, in QEMU (root)'
	@echo 'make bars-rtcp   the agent with 10,000 streams (root); make sync-rtcp: sound and picture in step (root)'
	@echo 'make clean   removes build/'

build:
	$(deps) build
	$(call configure,OFF,OFF,OFF)
	$(compile)

build-bench:
	$(deps) build bench
	$(call configure,OFF,ON,OFF)
	$(compile)

# With a build of its own user it is brought up to date, another user's is taken as it is: `sudo make
# install` after `make build` compiles nothing, and leaves no file of root's in build/.
install:
	@if [ ! -e build ]; then $(MAKE) build; \
	elif [ -O build ] && [ ! -e build/zcctl ]; then $(MAKE) build; \
	elif [ -O build ]; then $(compile); fi
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install.sh install

uninstall:
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install.sh uninstall

demo:
	scripts/demo.sh

test:
	$(deps) build bench test
	$(call configure,ON,ON,OFF)
	$(compile)
	timeout $(test_seconds) ctest --test-dir build --output-on-failure --parallel $(shell nproc)

# Release checks, as root: builds from nothing on these, and the unit tests pass there.
test-build-debian12:
	scripts/build-in-chroot.sh bookworm

test-build-debian13:
	scripts/build-in-chroot.sh trixie

# Release check, as root, after make test: an older zcctl's rules go on (REVISION=commit).
test-upgrade:
	scripts/test-upgrade.sh $(REVISION)

# Release checks, as root: this build in QEMU, with Debian's 6.1 and 6.12 kernels. The program,
# bpf_tests, tcp_tests and kTLS in 5 minutes; QUICK=1: only whether the verifiers take the program, in 20 seconds.
test-kernels:
	$(deps) build bench unit guest
	$(call configure,ON,ON,OFF)
	$(compile) --target zcctl bpf_tests tcp_tests guest_ktls
	python3 -B tests/drivers/test_kernels.py $(if $(QUICK),--quick)

# Release check, as root: real drivers and cards in QEMU, every frame judged. 2 minutes.
test-drivers:
	$(deps) build bench unit guest
	$(call configure,ON,ON,OFF)
	$(compile) --target zcctl guest_sender
	python3 -B tests/drivers/test_drivers.py

# Release check, as root: --rate with fq, in QEMU: nothing lost, averages, --rate auto. 6 minutes.
test-pacing-fq:
	$(deps) build bench unit guest
	$(call configure,ON,ON,OFF)
	$(compile) --target zcctl paced_app
	python3 -B tests/pacing/test_pacing_fq.py

# Release check, as root: averages and gaps of --rate on this host, against what docs/pacing.md
# promises. Wants an otherwise idle machine; 5 minutes.
bench-pacing:
	$(deps) build bench unit
	$(call configure,ON,ON,OFF)
	$(compile) --target zcctl paced_app
	python3 -B tests/pacing/bench_pacing.py

# Release check, as root: clocks over long streams, of a real muxer's files, and in the eyes of tshark
# and receivers. Wants an otherwise idle machine.
test-clocks:
	$(deps) build bench test
	$(call configure,ON,ON,OFF)
	$(compile) --target zcctl sendfile_app
	ZCCTL=build/zcctl ZC_SENDER=build/tests/netns/sendfile_app \
	  python3 -B tests/netns/check_clocks.py

# Release check, as root: every frame of hundreds of streams judged, for MINUTES and until FRAMES were
# judged and a rule has come and gone CHURN times.
soak:
	$(deps) build bench unit
	$(call configure,ON,ON,OFF)
	$(compile) --target soak
	build/tests/soak/soak --seconds $$(($(MINUTES) * 60)) --frames $(FRAMES) --churn $(CHURN)

# Release check, as root: frames on TCP over lo and veth, IPv4 and IPv6, every size, way of sending and
# kind of trouble on every path, 10 times as long as in make test. A minute.
test-tcp:
	$(deps) build bench unit
	$(call configure,ON,ON,OFF)
	$(compile) --target tcp_tests
	ZC_TCP_FULL=1 ZC_TCP_BYTES=2500000 build/tests/tcp/tcp_tests

bench:
	$(deps) build micro
	$(call configure,OFF,OFF,ON)
	$(compile)
	build/bench/micro/micro

# Release checks of RTCP: the parser against 10,000,000 inputs; 10,000 streams on one core; sound and
# sound of two streams in step (root). 90 seconds each.
fuzz-rtcp:
	$(deps) build lint
	scripts/fuzz-rtcp.sh $(RUNS)

bars-rtcp: build
	scripts/bars-rtcp.py

sync-rtcp: build
	scripts/sync-rtcp.py

bars: build-bench
	build/zcctl bench run --suite bars --out build/bench-results

fmt:
	$(deps) lint
	clang-format -i $(ours)

lint:
	$(deps) build bench micro test lint
	scripts/lint.sh all

# Under 5 minutes: clang-tidy for what changed since BASE only.
lint-changed:
	$(deps) build bench micro test lint
	scripts/lint.sh changed $(BASE)

clean:
	rm -rf build
