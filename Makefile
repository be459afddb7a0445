# tcaudit - one makefile, no recursion. Variables for users: CC, CFLAGS, LDFLAGS, PREFIX, DESTDIR,
# V=1 (whole commands), WERROR=1, SAN=1 (ASan and UBSan).
ifeq ($(origin CC),default)
CC       := gcc
endif
PREFIX   ?= /usr/local
Q        := $(if $(V),,@)
PKGS_netlink := libmnl libpcap
PKGS_bpf     := libbpf
PKGS_model   := libcjson
LAYERS   := model netlink bpf analyzer reports cli

BUILD    := build/$(notdir $(CC))$(if $(SAN),-san)
PC        = $(shell pkg-config $(1))

ALL_CPPFLAGS = -I. -D_GNU_SOURCE $(call PC,--cflags $(PKGS_model) $(PKGS_netlink) $(PKGS_bpf)) \
	$(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) $(CPPFLAGS)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wundef -Wvla -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wimplicit-fallthrough -Wnull-dereference
OPT  := $(if $(SAN),-O1 -fno-omit-frame-pointer -fsanitize=address$(comma)undefined \
	-fno-sanitize-recover=all,-O2 -fstack-protector-strong)
comma := ,
ALL_CFLAGS = -std=gnu17 -g $(OPT) -fPIE $(WARN) $(if $(WERROR),-Werror) $(CFLAGS)
ALL_LDFLAGS = -pie $(if $(SAN),-fsanitize=address$(comma)undefined,-Wl,-z,relro,-z,now) $(LDFLAGS)

objs = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(1)/*.c)))

.DELETE_ON_ERROR:
.PHONY: all clean unit
all: tcaudit

$(foreach l,$(LAYERS),$(eval $(BUILD)/lib$(l).a: $(call objs,$(l))))

$(BUILD)/%.a:
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D) && echo "  CC    $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
# libmnl's alignment macro mixes signs
$(call objs,netlink) $(call objs,bpf): WARN += -Wno-sign-conversion

# --- tests: each links only the layers named in its first lines: "layers: analyzer model" ---------
TEST_SRCS := $(sort $(wildcard tests/unit/test_*.c))
TESTS     := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(TEST_SRCS))
layers_of = $(shell sed -n 's|.*layers: \([a-z ]*\).*|\1|p;10q' $(1))
archives  = $(patsubst %,$(BUILD)/lib%.a,$(1))
libs      = $(call PC,--libs $(foreach l,$(1),$(PKGS_$(l))))
$(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%.o,$(TEST_SRCS)): WARN += -Wno-sign-conversion

define test_rule
$(BUILD)/tests/$(1): $(BUILD)/tests/unit/$(1).o $(call archives,$(2))
	@echo "  LD    $$@"
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $(call libs,$(2)) -lcriterion $$(LDLIBS)
endef
$(foreach t,$(TEST_SRCS),$(eval $(call test_rule,$(basename $(notdir $(t))),$(call layers_of,$(t)))))

unit: $(TESTS)
	@set -e; for t in $(TESTS); do ASAN_OPTIONS=abort_on_error=1 $$t; done

tcaudit: $(BUILD)/tcaudit
	$(Q)cp $< $@
$(BUILD)/tcaudit: $(call archives,cli reports analyzer bpf netlink model)
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ -Wl,--whole-archive $< -Wl,--no-whole-archive \
		$(filter-out $<,$^) $(call libs,model netlink bpf) $(LDLIBS)

clean:
	rm -rf build tcaudit

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
