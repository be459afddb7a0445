/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

#include <string.h>

/** Widest text block; longer lines are hard to read. */
#define PAGE_COLUMNS 80u
#define PAGE_INDENT  2u

/** Print a paragraph broken at spaces. A word longer than a line stays whole. */
static void paragraph(const char *text, uint32_t columns, struct out *o)
{
	uint32_t used = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (used > 0 && used + 1 + word > columns) {
			out_str(o, "\n");
			used = 0;
		}
		if (used == 0) {
			out_fmt(o, "%*s", (int)PAGE_INDENT, "");
			used = PAGE_INDENT;
		} else {
			out_str(o, " ");
			used++;
		}
		out_bytes(o, text, word);
		used += (uint32_t)word;
		text += word;
		text += strspn(text, " ");
	}
	out_str(o, "\n");
}

static void section(const char *title, const char *text, uint32_t columns, struct out *o)
{
	if (text == NULL || text[0] == '\0') {
		return;
	}
	out_str(o, "\n");
	out_style(o, OUT_BOLD);
	out_str(o, title);
	out_style(o, OUT_PLAIN);
	out_str(o, "\n");
	paragraph(text, columns, o);
}

static void page(const struct rule *rule, uint32_t columns, struct out *o)
{
	out_style(o, OUT_BOLD);
	out_fmt(o, "%s %s", rule->code, rule->name);
	out_style(o, OUT_PLAIN);
	out_fmt(o, "  (%s, at worst %s)\n", rule->group, severity_word(rule->severity));
	paragraph(rule->title, columns, o);
	section("What was seen", rule->seen, columns, o);
	section("Why it matters", rule->matters, columns, o);
	section("The fact behind it", rule->fact, columns, o);
	section("How to fix it", rule->fix, columns, o);
	section("When it is safe to skip", rule->safe, columns, o);
	if (rule->links != NULL && rule->links[0] != NULL) {
		out_str(o, "\n");
		out_style(o, OUT_BOLD);
		out_str(o, "Read more\n");
		out_style(o, OUT_PLAIN);
		for (uint32_t i = 0; rule->links[i] != NULL; i++) {
			out_fmt(o, "  %s\n", rule->links[i]);
		}
	}
}

/** What a group is about; one that is not here is listed by its name alone. */
static const char *group_title(const char *group)
{
	static const struct {
		const char *group;
		const char *title;
	} titles[] = {
		{"checklist", "what the published checklist asks"},
		{"hidden", "what else hides packets from the Agent, or refuses it"},
		{"agent", "the Agent's own classifiers and settings"},
		{"takes", "who will remove whose filters"},
		{"hygiene", "leftovers, and what breaks next"},
		{"sight", "what could not be read or proven"},
	};

	for (size_t i = 0; i < COUNT_OF(titles); i++) {
		if (strcmp(titles[i].group, group) == 0) {
			return titles[i].title;
		}
	}
	return NULL;
}

static void list_group(const char *group, bool first, struct out *o)
{
	const char *title = group_title(group);

	out_str(o, first ? "" : "\n");
	out_style(o, OUT_BOLD);
	out_str(o, group);
	out_style(o, OUT_PLAIN);
	if (title != NULL) {
		out_str(o, ": ");
		out_str(o, title);
	}
	out_str(o, "\n");
}

static void list(struct out *o)
{
	const char *group = "";

	for (uint32_t i = 0; i < n_rules; i++) {
		const struct rule *rule = rules[i];

		if (strcmp(group, rule->group) != 0) {
			group = rule->group;
			list_group(group, i == 0, o);
		}
		out_fmt(o, "  %-6s %-4s  %s\n", rule->code, severity_word(rule->severity),
		        rule->title);
	}
	out_str(o, "\nOne rule in full: tcaudit explain CODE\n"
	           "The vendors that are known: tcaudit explain --vendor list\n");
}

void explain_write(const struct rule *rule, uint32_t columns, struct out *o)
{
	if (rule == NULL) {
		list(o);
		return;
	}
	page(rule, columns == 0 || columns > PAGE_COLUMNS ? PAGE_COLUMNS : columns, o);
}
