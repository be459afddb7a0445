/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats yaml, helm, operator and env: the snippet for the recommendation and nothing else, behind
 * comments that say what it is for. Where there is nothing to set, the comments say so and why.
 */
#include "reports/snippets.h"

#include <string.h>

/** Columns of a comment line. */
#define COMMENT_COLUMNS 98u

/** A comment under way. */
struct comment {
	struct out *o;
	const char *indent; /**< Behind the sign. */
	size_t column;      /**< 0: no line has been begun. */
};

/**
 * May a byte stand in a comment as it is? Texts hold names from outside: in a comment nothing may
 * end the line, YAML allows no control characters, U+2028 breaks its lines, and a backslash joins
 * lines in systemd's environment files. So everything but plain ASCII is spelled out.
 */
static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '\\';
}

static void write_byte(char c, struct out *o)
{
	if (is_plain(c)) {
		out_bytes(o, &c, 1);
	} else {
		out_fmt(o, "%%%02X", (unsigned int)(unsigned char)c);
	}
}

static size_t columns_of(const char *word, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++) {
		columns += is_plain(word[i]) ? 1 : 3;
	}
	return columns;
}

static void end_line(struct comment *c)
{
	if (c->column > 0) {
		out_str(c->o, "\n");
	}
	c->column = 0;
}

static void write_word(struct comment *c, const char *word, size_t len)
{
	size_t columns = columns_of(word, len);

	if (c->column > 0 && c->column + 1 + columns > COMMENT_COLUMNS) {
		end_line(c);
	}
	out_str(c->o, c->column == 0 ? "#" : "");
	c->column += c->column == 0 ? 1 : 0;
	if (c->column == 1) {
		out_str(c->o, c->indent);
		c->column += strlen(c->indent);
	}
	out_str(c->o, " ");
	for (size_t i = 0; i < len; i++) {
		write_byte(word[i], c->o);
	}
	c->column += 1 + columns;
}

/** A paragraph; it goes on in the line that is open. */
static void write_words(struct comment *c, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0) {
			write_word(c, text, len);
		}
		text += len;
		text += strspn(text, " ");
	}
}

/** Text whose lines and blanks count, each line a comment. */
static void write_lines(struct out *o, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		out_str(o, "#     ");
		for (size_t i = 0; i < len; i++) {
			write_byte(text[i], o);
		}
		out_str(o, "\n");
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

static void write_setting(struct out *o, const struct vendor_advice *row)
{
	struct comment c = {.o = o, .indent = ""};

	write_words(&c, row->name);
	write_words(&c, "has a setting that helps:");
	write_words(&c, row->setting);
	end_line(&c);
	c.indent = "  ";
	write_words(&c, row->how);
	end_line(&c);
	write_lines(o, row->paste);
}

static void write_head(const struct report *rep, const struct snippet *what, struct out *o)
{
	const struct recommendation *advice = &rep->findings->advice;
	const char *hostname = rep->snap->hostname;
	struct comment c = {.o = o, .indent = ""};

	write_words(&c, "tcaudit check on");
	write_words(&c, hostname != NULL ? hostname : "this node");
	write_words(&c, "says:");
	write_words(&c, action_word(advice->action));
	end_line(&c);
	if (what->goal == SNIPPET_NOTHING) {
		write_words(&c, "There is no setting of the Agent to change.");
	}
	write_words(&c, advice->reason);
	end_line(&c);
	for (uint32_t i = 0; i < advice->n_settings; i++) {
		write_setting(o, &advice->settings[i]);
	}
}

static void render(const struct report *rep, enum snippet_kind kind, struct out *o)
{
	struct snippet what = snippet_of(rep);

	write_head(rep, &what, o);
	if (what.goal != SNIPPET_NOTHING) {
		snippet_rows[kind].write(&what, o);
	}
}

void render_check_yaml(const struct report *rep, struct out *o)
{
	render(rep, SNIPPET_YAML, o);
}

void render_check_helm(const struct report *rep, struct out *o)
{
	render(rep, SNIPPET_HELM, o);
}

void render_check_operator(const struct report *rep, struct out *o)
{
	render(rep, SNIPPET_OPERATOR, o);
}

void render_check_env(const struct report *rep, struct out *o)
{
	render(rep, SNIPPET_ENV, o);
}
