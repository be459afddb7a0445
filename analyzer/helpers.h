/* SPDX-License-Identifier: Apache-2.0 */
/**
 * helpers.h - what kernel functions give back and write, by the kernel's names of them.
 */
#ifndef TCAUDIT_ANALYZER_HELPERS_H
#define TCAUDIT_ANALYZER_HELPERS_H

#include <stdbool.h>
#include <stdint.h>

/** What a call gives back. */
enum helper_result {
	HELPER_ANYTHING, /**< Any number, or a pointer that is not to the stack. */
	HELPER_ZERO,
	HELPER_ZERO_OR_FAULT,  /**< 0 or -14. */
	HELPER_ERROR,          /**< 0 or a negative errno. */
	HELPER_REFUSAL,        /**< 0 or a negative errno, but never -EPERM, which is -1. */
	HELPER_INT_ERROR,      /**< 0 or a negative errno in the low half; the rest is anything. */
	HELPER_SIZE,           /**< A negative errno or a number up to 2^31 - 1. */
	HELPER_CODE,           /**< A negative errno or a number up to 4095. */
	HELPER_BOOL,           /**< 0 or 1. */
	HELPER_BOOL_OR_ERROR,  /**< A negative errno, 0 or 1. */
	HELPER_MTU,            /**< A negative errno, or 0 to 2 (enum bpf_check_mtu_ret). */
	HELPER_SMALL,          /**< A negative errno, or 0 to 15: numbers of fib_lookup, levels. */
	HELPER_BYTE,           /**< A negative errno or 8 bits. */
	HELPER_HALF,           /**< A negative errno or 16 bits. */
	HELPER_UNSIGNED,       /**< 32 bits. */
	HELPER_WIDE,           /**< A negative errno or 32 bits. */
	HELPER_SIGNED,         /**< 32 bits, sign-extended. */
	HELPER_CPU,            /**< 0 to 8191. */
	HELPER_LOOPS,          /**< A count up to 2^31 - 1, or a negative errno. */
	HELPER_LOOP_COUNT,     /**< -EINVAL, -E2BIG, or up to the first argument and up to 2^23. */
	HELPER_POINTER,        /**< Anything, also a pointer to the stack. */
	HELPER_REDIRECT,       /**< TC: 7 when the second argument is 0 or 1, else 2. */
	HELPER_REDIRECT_PEER,  /**< TC: 7 when the second argument is 0, else 2. */
	HELPER_REDIRECT_NEIGH, /**< TC: 7 when argument 4 is 0 and 3 is 0 or at least 20, else 2. */
	HELPER_XDP_REDIRECT,   /**< XDP: 4 when the second argument is 0, else 0. */
	HELPER_XDP_MAP, /**< XDP: 4, or the low two bits of argument 3; 0 for flags that are none.
	                 */
};

/** What a call writes to memory that pointer arguments lead to. */
enum helper_writes {
	HELPER_WRITES_UPWARD, /**< From any pointer to the end of its frame. */
	HELPER_WRITES_NOTHING,
	HELPER_WRITES_RANGE, /**< From argument to, as many bytes as argument size says. */
	HELPER_WRITES_FIXED, /**< From argument to, as many bytes as size. */
};

/** How a call runs a function of the program. */
enum helper_calls_back {
	HELPER_CALLS_NOTHING,
	HELPER_CALLS_LOOP, /**< bpf_loop(count, function, context, flags): f(index, context). */
	HELPER_CALLS_EACH, /**< bpf_for_each_map_elem(map, f, context): f(map, key, value, context).
	                    */
	HELPER_CALLS_ANY,  /**< With arguments that are not known. */
};

/** Does it change the context? */
enum helper_ctx {
	HELPER_CTX_KEEPS,  /**< Only fields that programs cannot store to. */
	HELPER_CTX_WRITES, /**< Also such. */
	HELPER_CTX_PURE,   /**< Nothing at all. */
};

/** What a call has to do with elements of maps. */
enum helper_role {
	HELPER_PLAIN,
	HELPER_LOOKS_UP,     /**< (map, key): this CPU's element or NULL; of any kind of map. */
	HELPER_LOOKS_UP_CPU, /**< (map, key, CPU): the same of some CPU. */
	HELPER_UPDATES,      /**< (map, ...): writes elements of this map. */
	HELPER_RUNS_OTHERS,  /**< Other programs may run before it comes back. */
};

struct helper {
	const char *name; /**< As in /proc/kallsyms. */
	uint8_t result;   /**< enum helper_result. */
	uint8_t writes;   /**< enum helper_writes. */
	uint8_t to, size; /**< Arguments, 1 to 5; or size is a number of bytes. */
	uint8_t calls;    /**< enum helper_calls_back. */
	uint8_t ctx;      /**< enum helper_ctx. */
	uint8_t role;     /**< enum helper_role. */
};

/** What is assumed of names that are not in the table. */
extern const struct helper helper_unlisted;

/** @return the row of a name, or NULL. */
const struct helper *helper_find(const char *name);

/** @return whether the table is in the order that helper_find() needs; for tests. */
bool helper_table_is_sorted(void);

/** The kernel function that ends a program at once with its argument. */
#define HELPER_THROW "bpf_throw"

/** The kernel's clock check in loops bounded by it alone; keeps r0 to r5. */
#define HELPER_MAY_GOTO "arch_bpf_timed_may_goto"

#endif
