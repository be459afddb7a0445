# SPDX-License-Identifier: Apache-2.0
# tcaudit - one makefile, no recursion; `make help` lists the targets.
# Variables for users: CC, CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS, PREFIX, DESTDIR, V=1 (whole commands),
# WERROR=1, SAN=1 (ASan and UBSan); of fuzz: SECONDS for each target, CODE_SECONDS for those over
# programs, TARGETS to search, VOLUME=1 (without ASan: several times the executions).
ifeq ($(origin CC),default)
CC       := gcc
endif
FUZZ_CC  ?= clang
PREFIX   ?= /usr/local
SECONDS  ?= 60
CODE_SECONDS ?= $(SECONDS)
Q        := $(if $(V),,@)
PKGS_netlink := libmnl libpcap
PKGS_bpf     := libbpf
PKGS_node    := yaml-0.1
PKGS_model   := libcjson
LAYERS   := model netlink bpf node analyzer reports cli
PKGS     := $(foreach l,$(LAYERS),$(PKGS_$(l)))

BUILD    := build/$(notdir $(CC))$(if $(SAN),-san)
FUZZ     := build/fuzz$(if $(VOLUME),-volume)
comma    := ,

# What needs no libraries must work before scripts/setup has run.
ifneq ($(filter-out clean help uninstall,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(PKGS) && echo yes),yes)
$(error pkg-config does not find all of: $(PKGS); scripts/setup installs them)
endif
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
endif

FORTIFY  := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
INCLUDES := -I. -D_GNU_SOURCE $(PKG_CFLAGS)
STD      := -std=gnu17
ALL_CPPFLAGS = $(INCLUDES) $(if $(SAN),,$(FORTIFY)) $(CPPFLAGS)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wundef -Wvla -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wimplicit-fallthrough -Wnull-dereference
OPT  := $(if $(SAN),-O1 -fno-omit-frame-pointer -fsanitize=address$(comma)undefined \
	-fno-sanitize-recover=all,-O2 -fstack-protector-strong)
ALL_CFLAGS = $(STD) -g $(OPT) -fPIE $(WARN) $(if $(WERROR),-Werror) $(CFLAGS)
ALL_LDFLAGS = -pie $(if $(SAN),-fsanitize=address$(comma)undefined,-Wl,-z,relro,-z,now) $(LDFLAGS)
FUZZ_SAN := -fsanitize=fuzzer$(comma)undefined$(if $(VOLUME),,$(comma)address) \
	-fno-sanitize-recover=all $(if $(VOLUME),-fno-sanitize-coverage=trace-cmp)
FUZZ_CFLAGS = $(INCLUDES) $(CPPFLAGS) $(STD) -g -O2 -fno-omit-frame-pointer $(FUZZ_SAN) $(CFLAGS)

objs      = $(patsubst %.c,$(or $(2),$(BUILD))/%.o,$(sort $(wildcard $(1)/*.c)))
layers_of = $(shell sed -n 's|.*layers: \([a-z ]*\).*|\1|p;10q' $(1))
archives  = $(patsubst %,$(or $(2),$(BUILD))/lib%.a,$(1))
pkgs      = $(strip $(foreach l,$(1),$(PKGS_$(l))))
libs      = $(if $(call pkgs,$(1)),$(shell pkg-config --libs $(call pkgs,$(1))))
LINK      = $(CC) $(ALL_LDFLAGS)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tcaudit programs unit replay check live lint fuzz tools golden-update install \
	uninstall clean help flags
all: tcaudit ## the program, as ./tcaudit (default)

$(foreach l,$(LAYERS),$(eval $(BUILD)/lib$(l).a: $(call objs,$(l))))
$(foreach l,$(LAYERS),$(eval $(FUZZ)/lib$(l).a: $(call objs,$(l),$(FUZZ))))

build/%.a:
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D) && echo "  CC    $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
# the vendor table is part of this object (see the file)
$(BUILD)/analyzer/vendors_data.o $(FUZZ)/analyzer/vendors_data.o: analyzer/vendors.json
# libmnl's alignment macro mixes signs
$(call objs,netlink) $(call objs,bpf) $(call objs,tests/tools): WARN += -Wno-sign-conversion

# Other builds (CC=clang, SAN=1) leave the same file, so compare instead of trusting times.
tcaudit: $(BUILD)/tcaudit
	$(Q)cmp -s $< $@ || cp $< $@
$(BUILD)/tcaudit: $(call archives,cli reports analyzer node bpf netlink model)
	@echo "  LD    $@"
	$(Q)$(LINK) -o $@ -Wl,--whole-archive $< -Wl,--no-whole-archive \
		$(filter-out $<,$^) $(call libs,model netlink bpf node) $(LDLIBS)

# --- tests: each links only the layers named in its first lines: "layers: analyzer model" ---------
TEST_SRCS := $(sort $(wildcard tests/unit/test_*.c))
TESTS     := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(TEST_SRCS))
$(call objs,tests/unit): WARN += -Wno-sign-conversion

# Criterion comes before the archives: its main, not that of cli/.
define test_rule
$(BUILD)/tests/$(1): $(BUILD)/tests/unit/$(1).o $(call archives,$(2))
	@mkdir -p $$(@D) && echo "  LD    $$@"
	$$(Q)$$(LINK) -o $$@ $$< -lcriterion $$(filter-out $$<,$$^) $(call libs,$(2)) $$(LDLIBS)
endef
$(foreach t,$(TEST_SRCS),$(eval $(call test_rule,$(basename $(notdir $(t))),$(call layers_of,$(t)))))

unit: $(TESTS) $(BUILD)/tools/bpfanswers ## unit tests, goldens included
	@TOOLS=$(CURDIR)/$(BUILD)/tools scripts/run-unit $(TESTS)

# --- fuzz targets: built by clang to search, by any compiler to replay the corpus -----------------
FUZZ_SRCS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZERS   := $(filter $(or $(TARGETS:%=$(FUZZ)/fuzz_%),%),\
	$(patsubst tests/fuzz/%.c,$(FUZZ)/%,$(FUZZ_SRCS)))
CODE_FUZZERS := $(filter $(addprefix %/fuzz_,decode insns truth),$(FUZZERS))
REPLAYS   := $(patsubst tests/fuzz/%.c,$(BUILD)/replay/%,$(FUZZ_SRCS))
$(call objs,tests/fuzz): WARN += -Wno-sign-conversion

$(FUZZ)/%.o: %.c Makefile
	@mkdir -p $(@D) && echo "  FUZZ  $<"
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

define fuzz_rule
$(FUZZ)/$(1): $(FUZZ)/tests/fuzz/$(1).o $(call archives,$(2),$(FUZZ))
	@echo "  LD    $$@"
	$$(Q)$$(FUZZ_CC) $$(FUZZ_CFLAGS) $$(LDFLAGS) -o $$@ $$^ $(call libs,$(2)) $$(LDLIBS)
$(BUILD)/replay/$(1): $(BUILD)/tests/fuzz/$(1).o $(BUILD)/tests/fuzz/replay_main.o \
		$(call archives,$(2))
	@mkdir -p $$(@D) && echo "  LD    $$@"
	$$(Q)$$(LINK) -o $$@ $$^ $(call libs,$(2)) $$(LDLIBS)
endef
$(foreach t,$(FUZZ_SRCS),$(eval $(call fuzz_rule,$(basename $(notdir $(t))),$(call layers_of,$(t)))))

replay: $(REPLAYS) ## every fuzz target over its corpus, without a fuzzer
	@scripts/run-replay $(REPLAYS)

fuzz: $(FUZZERS) ## search with libFuzzer, SECONDS each; findings go to build/fuzz
	@scripts/run-fuzz $(CODE_SECONDS) $(CODE_FUZZERS) \
		$(SECONDS) $(filter-out $(CODE_FUZZERS),$(FUZZERS))

check: unit replay ## all that needs no root: unit, goldens, corpus

# --- tools of the live tests ----------------------------------------------------------------------
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(sort $(wildcard tests/tools/*.c)))

$(BUILD)/tools/%: $(BUILD)/tests/tools/%.o $(call archives,analyzer netlink model)
	@mkdir -p $(@D) && echo "  LD    $@"
	$(Q)$(LINK) -o $@ $^ $(call libs,model netlink bpf) $(LDLIBS)

tools: $(TOOLS) ## helpers of the live tests, in build/<compiler>/tools
programs: $(BUILD)/tcaudit $(TESTS) $(REPLAYS) $(TOOLS) ## everything but fuzz targets, not run
live: $(BUILD)/tcaudit $(TOOLS) ## live tests on this kernel (root)
	@TCAUDIT=$(CURDIR)/$< TOOLS=$(CURDIR)/$(BUILD)/tools scripts/run-live

lint: ## layers, format, static analysis, shell, man page
	@scripts/lint

golden-update: $(TESTS) $(BUILD)/tools/bpfanswers ## rewrite the goldens under testdata and show what changed
	@UPDATE_GOLDEN=1 TOOLS=$(CURDIR)/$(BUILD)/tools scripts/run-unit $(TESTS)
	@git --no-pager diff --stat -- testdata && git status --short -- testdata

flags: # for scripts/lint: what a file needs to compile
	@echo $(INCLUDES) $(STD)

# --- install --------------------------------------------------------------------------------------
bindir  := $(PREFIX)/bin
datadir := $(PREFIX)/share
man1dir := $(datadir)/man/man1
compdir := $(datadir)/bash-completion/completions
docdir  := $(datadir)/doc/tcaudit
schemadir := $(datadir)/tcaudit/schema
INSTALL ?= install

install: $(BUILD)/tcaudit ## program, man page, completion, schemas, docs: PREFIX, DESTDIR
	$(Q)$(INSTALL) -D -m 755 $< $(DESTDIR)$(bindir)/tcaudit
	$(Q)$(INSTALL) -D -m 644 tcaudit.1 $(DESTDIR)$(man1dir)/tcaudit.1
	$(Q)$(INSTALL) -D -m 644 scripts/completion/tcaudit.bash $(DESTDIR)$(compdir)/tcaudit
	$(Q)$(INSTALL) -D -m 644 -t $(DESTDIR)$(schemadir) $(wildcard reports/schema/*.schema.json)
	$(Q)$(INSTALL) -D -m 644 -t $(DESTDIR)$(docdir) README.md LICENSE CHANGELOG.md

uninstall: ## what install put there
	$(Q)rm -f $(DESTDIR)$(bindir)/tcaudit $(DESTDIR)$(man1dir)/tcaudit.1 \
		$(DESTDIR)$(compdir)/tcaudit
	$(Q)rm -rf $(DESTDIR)$(datadir)/tcaudit $(DESTDIR)$(docdir)

clean: ## remove build and ./tcaudit
	rm -rf build tcaudit

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r t d; do printf '  %-14s %s\n' "$$t" "$$d"; done

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(FUZZ)/*/*.d $(FUZZ)/*/*/*.d)
