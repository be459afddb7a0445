/* SPDX-License-Identifier: Apache-2.0 */
/**
 * symbols.h - names of the kernel functions that programs call, from /proc/kallsyms.
 *
 * The table is large and the kernel takes its time to print it, so it is read only when a program
 * has a call, once, in blocks, only as far as needed, and only the names asked for are kept.
 */
#ifndef TCAUDIT_BPF_SYMBOLS_H
#define TCAUDIT_BPF_SYMBOLS_H

#include "bpf/code.h"
#include "model/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest name kept; KSYM_NAME_LEN of the kernel, and a module's. */
#define SYMBOLS_MAX_NAME 600u

/** Most bytes of the table that are looked at. */
#define SYMBOLS_MAX_BYTES ((uint64_t)256 << 20)

/** One line of the table; the name is not terminated. */
struct symbol_line {
	uint64_t address;
	const char *name;
	size_t name_len;
	bool of_programs; /**< A loaded program's own: no call of the kernel's leads there. */
};

/**
 * Take a line apart: "ffffffff81000000 T name" with an optional "\t[module]".
 *
 * @return false for anything else, and for an address of 0, which stands for a hidden one.
 */
bool symbol_parse(const char *line, size_t len, struct symbol_line *ret);

/**
 * Find the names of calls and put them into @p code (env.symbols). Without the right to see
 * addresses, or without the file, there are none: calls stay anonymous, which is no failure.
 *
 * @param path  of kallsyms.
 * @param imms  numbers of calls, ascending, each once.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int symbols_read(struct code_facts *code, const char *path, const int32_t *imms,
                              uint32_t n);

#endif
