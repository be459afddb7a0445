/* SPDX-License-Identifier: Apache-2.0 */
/**
 * codes.h - the return codes of classifier programs as a set, and their words in JSON.
 */
#ifndef TCAUDIT_MODEL_CODES_H
#define TCAUDIT_MODEL_CODES_H

#include <stdbool.h>
#include <stdint.h>

/** One return code; the order is the order of the words in every output. */
enum code {
	CODE_UNSPEC,     /**< -1, also TCX_NEXT. */
	CODE_OK,         /**< 0, also TCX_PASS. */
	CODE_RECLASSIFY, /**< 1 */
	CODE_SHOT,       /**< 2, also TCX_DROP. */
	CODE_PIPE,       /**< 3 */
	CODE_STOLEN,     /**< 4 */
	CODE_QUEUED,     /**< 5 */
	CODE_REPEAT,     /**< 6 */
	CODE_REDIRECT,   /**< 7, also TCX_REDIRECT. */
	CODE_TRAP,       /**< 8 */
	CODE_OTHER,      /**< Any other 32-bit value. */
};

#define N_CODES (CODE_OTHER + 1)

/** Set of enum code, one bit each. */
#define CODE_BIT(code) (1u << (code))

/** Every word: nothing is known. */
#define CODES_ALL ((1u << N_CODES) - 1u)

/** @return the code of a program's 32-bit result, linux/pkt_cls.h TC_ACT_*. */
enum code code_of_result(int32_t result);

/**
 * The same for XDP programs, whose numbers mean other things: translated by meaning so that one
 * set of words serves every hook (pass is ok; drop and aborted are shot; tx and redirect are
 * redirect; anything else is other, which the kernel drops).
 */
enum code code_of_xdp_result(int32_t result);

/** @return lower-case word of the kernel, static. */
const char *code_word(enum code code);

/** @return true and the code for a known word. */
bool code_from_word(const char *word, enum code *ret_code);

#endif
