/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/pattern.h"

#include <stdint.h>
#include <string.h>

/** One step of a pattern. Every step leads forward, or stays. */
enum step_op {
	STEP_BYTE,   /**< This byte. */
	STEP_ANY,    /**< One byte. */
	STEP_RUN,    /**< Any bytes: stays, or goes on without one. */
	STEP_DIGITS, /**< A digit: stays, or goes on. */
	STEP_DEVICE, /**< The name of the interface. */
	STEP_FORK,   /**< Goes on, or to `to`. */
	STEP_JUMP,   /**< To `to`. */
	STEP_END,
};

struct pattern_step {
	uint8_t op; /**< enum step_op. */
	char byte;
	uint16_t to;
};

/* An alternative costs its bytes, a fork and a jump in place of its comma. */
#define MAX_STEPS 256

struct pattern {
	const char *text;
	uint32_t n;
	struct pattern_step steps[];
};

/** A pattern while it is read. */
struct reading {
	struct pattern_step steps[MAX_STEPS];
	uint32_t n;
	uint32_t fork;             /**< Fork of the alternative under way. */
	uint16_t jumps[MAX_STEPS]; /**< Jumps from the ends of alternatives. */
	uint32_t n_jumps;
	bool inside; /**< Between braces. */
};

static bool put(struct reading *r, enum step_op op, char byte)
{
	if (r->n == MAX_STEPS) {
		return false;
	}
	r->steps[r->n++] = (struct pattern_step){.op = (uint8_t)op, .byte = byte};
	return true;
}

static bool open_brace(struct reading *r)
{
	r->inside = true;
	r->n_jumps = 0;
	r->fork = r->n;
	return put(r, STEP_FORK, 0);
}

static bool next_alternative(struct reading *r)
{
	r->jumps[r->n_jumps++] = (uint16_t)r->n;
	if (!put(r, STEP_JUMP, 0)) {
		return false;
	}
	r->steps[r->fork].to = (uint16_t)r->n;
	r->fork = r->n;
	return put(r, STEP_FORK, 0);
}

static void close_brace(struct reading *r)
{
	/* The last alternative has none behind it: its fork goes on, either way. */
	r->steps[r->fork].to = (uint16_t)(r->fork + 1);
	for (uint32_t i = 0; i < r->n_jumps; i++) {
		r->steps[r->jumps[i]].to = (uint16_t)r->n;
	}
	r->inside = false;
}

static bool put_plain(struct reading *r, char c)
{
	switch (c) {
	case '*':
		return put(r, STEP_RUN, 0);
	case '?':
		return put(r, STEP_ANY, 0);
	case '#':
		return put(r, STEP_DIGITS, 0);
	case '%':
		return put(r, STEP_DEVICE, 0);
	default:
		return put(r, STEP_BYTE, c);
	}
}

/** One element at *at, which moves behind it. @return NULL or what is wrong. */
static const char *read_one(struct reading *r, const char **at)
{
	char c = *(*at)++;
	bool fits = true;

	if (c == '\\') {
		if (**at == '\0') {
			return "a pattern ends in \\";
		}
		fits = put(r, STEP_BYTE, *(*at)++);
	} else if (c == '{') {
		if (r->inside) {
			return "braces inside braces";
		}
		fits = open_brace(r);
	} else if (c == '}') {
		if (!r->inside) {
			return "a } without its {";
		}
		close_brace(r);
	} else if (c == ',' && r->inside) {
		fits = next_alternative(r);
	} else {
		fits = put_plain(r, c);
	}
	return fits ? NULL : "a pattern with too many parts";
}

const char *pattern_read(const char *text, struct arena *arena, const struct pattern **ret)
{
	struct reading r = {.n = 0};
	const char *wrong = NULL;
	size_t len = strlen(text);

	*ret = NULL;
	if (len == 0 || len > PATTERN_MAX_BYTES) {
		return len == 0 ? "an empty pattern" : "a pattern that is too long";
	}
	for (const char *at = text; *at != '\0' && wrong == NULL;) {
		wrong = read_one(&r, &at);
	}
	if (wrong == NULL && r.inside) {
		wrong = "a { without its }";
	}
	if (wrong == NULL && !put(&r, STEP_END, 0)) {
		wrong = "a pattern with too many parts";
	}
	if (wrong != NULL) {
		return wrong;
	}

	struct pattern *p = arena_alloc(arena, sizeof(*p) + r.n * sizeof(r.steps[0]));

	if (p != NULL) {
		memcpy(p->steps, r.steps, r.n * sizeof(r.steps[0]));
		p->n = r.n;
		p->text = arena_strndup(arena, text, len);
		*ret = p->text != NULL ? p : NULL;
	}
	return NULL;
}

const char *pattern_text(const struct pattern *pattern)
{
	return pattern->text;
}

/** Steps that can be reached with so many bytes of the subject behind them. */
struct row {
	uint64_t bits[MAX_STEPS / 64];
};

static void reach(struct row *row, uint32_t step)
{
	row->bits[step / 64] |= UINT64_C(1) << (step % 64);
}

/** One match under way. */
struct matching {
	const struct pattern *pattern;
	const char *subject;
	uint32_t len;
	const char *device;
	uint32_t device_len;
	struct row *rows; /**< len + 1 of them. */
	uint32_t last;    /**< Last row with a step in it. */
};

static void reach_later(struct matching *m, uint32_t at, uint32_t step)
{
	reach(&m->rows[at], step);
	m->last = at > m->last ? at : m->last;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/** Steps that need no byte of the subject: all of them lead forward within the row. */
static void take_free(struct matching *m, uint32_t at, uint32_t index)
{
	const struct pattern_step *step = &m->pattern->steps[index];

	if (step->op == STEP_RUN || step->op == STEP_FORK) {
		reach(&m->rows[at], index + 1);
	}
	if (step->op == STEP_JUMP || step->op == STEP_FORK) {
		reach(&m->rows[at], step->to);
	}
	if (step->op == STEP_DEVICE && m->device_len > 0 && m->len - at >= m->device_len &&
	    memcmp(m->subject + at, m->device, m->device_len) == 0) {
		reach_later(m, at + m->device_len, index + 1);
	}
}

static void take_byte(struct matching *m, uint32_t at, uint32_t index)
{
	const struct pattern_step *step = &m->pattern->steps[index];
	char c = m->subject[at];

	if (step->op == STEP_ANY || (step->op == STEP_BYTE && step->byte == c)) {
		reach_later(m, at + 1, index + 1);
	} else if (step->op == STEP_RUN) {
		reach_later(m, at + 1, index);
	} else if (step->op == STEP_DIGITS && is_digit(c)) {
		reach_later(m, at + 1, index);
		reach_later(m, at + 1, index + 1);
	}
}

/** Follow every step of one row; later ones may be added while it runs. */
static void follow_row(struct matching *m, uint32_t at)
{
	for (uint32_t word = 0; word < MAX_STEPS / 64; word++) {
		uint64_t done = 0;
		uint64_t left = 0;

		while ((left = m->rows[at].bits[word] & ~done) != 0) {
			uint32_t bit = (uint32_t)__builtin_ctzll(left);

			done |= UINT64_C(1) << bit;
			take_free(m, at, word * 64 + bit);
			if (at < m->len) {
				take_byte(m, at, word * 64 + bit);
			}
		}
	}
}

/** Is the step among those reached with the whole subject behind them? */
static bool has_step(const struct row *row, uint32_t step)
{
	return (row->bits[step / 64] >> (step % 64) & 1) != 0;
}

static bool has_any(const struct row *row)
{
	uint64_t any = 0;

	for (uint32_t word = 0; word < MAX_STEPS / 64; word++) {
		any |= row->bits[word];
	}
	return any != 0;
}

bool pattern_fits(const struct pattern *pattern, const char *subject, const char *device, bool cut)
{
	struct row rows[PATTERN_MAX_SUBJECT + 1];
	const struct pattern_step *first = &pattern->steps[0];

	/* Most names differ from most patterns in the first byte. */
	if (subject == NULL || (first->op == STEP_BYTE && subject[0] != first->byte)) {
		return false;
	}

	size_t len = strlen(subject);

	if (len > PATTERN_MAX_SUBJECT) {
		return false;
	}

	struct matching m = {
		.pattern = pattern,
		.subject = subject,
		.len = (uint32_t)len,
		.device = device,
		.device_len = device != NULL ? (uint32_t)strlen(device) : 0,
		.rows = rows,
	};

	memset(rows, 0, (len + 1) * sizeof(rows[0]));
	reach(&rows[0], 0);
	for (uint32_t at = 0; at <= m.last; at++) {
		follow_row(&m, at);
	}
	return has_step(&rows[len], pattern->n - 1) || (cut && has_any(&rows[len]));
}
