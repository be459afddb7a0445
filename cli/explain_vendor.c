/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_vendor.h"

#include "cli/nearest.h"
#include "reports/lines.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/** Widest text block; longer lines are hard to read. */
#define PAGE_COLUMNS 80u
#define PAGE_INDENT  2u
/** Column of texts behind a label, and of further lines of an item. */
#define ITEM_INDENT 4u

/** Texts of one page. */
#define PAGE_ARENA_BYTES ((size_t)1 << 20)

/** One page under way. */
struct page {
	struct out *o;
	struct arena arena;
	uint32_t width;
	bool failed; /**< A text could not be made. */
};

int explain_vendor_find(const struct vendors *table, const char *word, const struct vendor **ret,
                        struct err *err)
{
	struct nearest near = {.word = word};

	if (strcasecmp(word, EXPLAIN_VENDOR_LIST) == 0) {
		*ret = NULL;
		return 0;
	}
	*ret = vendors_find(table, word);
	if (*ret != NULL) {
		return 0;
	}
	for (uint32_t i = 0; i < table->n; i++) {
		nearest_offer(&near, table->rows[i].id);
	}
	if (nearest_result(&near) == NULL) {
		return err_set(err, -EINVAL,
		               "--vendor: no vendor '%s'; 'explain --vendor list' names them",
		               word);
	}
	return err_set(err, -EINVAL, "--vendor: no vendor '%s'; nearest is '%s'", word, near.best);
}

static void heading(struct page *p, const char *text)
{
	out_str(p->o, "\n");
	out_style(p->o, OUT_BOLD);
	out_str(p->o, text);
	out_style(p->o, OUT_PLAIN);
	out_str(p->o, "\n");
}

/** A paragraph that begins at PAGE_INDENT and goes on at @p hang. NULL: there was no memory. */
static void paragraph(struct page *p, const char *text, uint32_t hang)
{
	p->failed = p->failed || text == NULL;
	lines_indent(p->o, PAGE_INDENT);
	for (uint32_t i = PAGE_INDENT; i < hang; i++) {
		out_str(p->o, i == PAGE_INDENT ? "-" : " ");
	}
	lines_wrap(p->o, hang, p->width, text);
}

/** "1.16 or later, on tcx/ingress, tcx/egress: " or nothing. */
static const char *when_text(struct page *p, const struct vendor_when *when)
{
	bool failed = false;
	const char *versions = vendors_range_text(&when->versions, &p->arena, &failed);
	const char *text = versions != NULL ? versions : "";
	const char *joint = versions != NULL ? ", on " : "on ";

	for (unsigned int type = 0; type < N_HOOK_TYPES && text != NULL; type++) {
		if ((when->hooks & VENDOR_HOOK(type)) != 0) {
			text = arena_printf(&p->arena, "%s%s%s", text, joint,
			                    hook_type_word((enum hook_type)type));
			joint = ", ";
		}
	}
	if (failed || text == NULL) {
		return NULL;
	}
	return text[0] != '\0' ? arena_printf(&p->arena, "%s: ", text) : text;
}

/** One item: when it holds, what it says, where that was read. */
static void item(struct page *p, const struct vendor_when *when, const char *text,
                 const char *source)
{
	const char *front = when_text(p, when);

	if (front == NULL || text == NULL) {
		p->failed = true;
		return;
	}
	paragraph(p, arena_printf(&p->arena, "%s%s [%s]", front, text, source), ITEM_INDENT);
}

static void write_recognised(struct page *p, const struct vendor *vendor)
{
	if (vendor->n_matches == 0) {
		return;
	}
	heading(p, "How it is recognised");
	for (uint32_t i = 0; i < vendor->n_matches; i++) {
		enum match_strength strength = MATCH_HINT;
		const char *text = vendor_match_text(vendor, i, &p->arena, &strength);

		p->failed = p->failed || text == NULL;
		lines_indent(p->o, PAGE_INDENT);
		lines_pad(p->o, match_strength_word(strength), sizeof("decisive  ") - 1);
		lines_wrap(p->o, PAGE_INDENT + sizeof("decisive  ") - 1, p->width, text);
	}
}

static void write_hints(struct page *p, const struct vendor *vendor)
{
	if (vendor->n_hints == 0) {
		return;
	}
	heading(p, "What tells its version");
	for (uint32_t i = 0; i < vendor->n_hints; i++) {
		const struct release_range *range = NULL;
		const char *text = vendor_hint_text(vendor, i, &p->arena, &range);
		const char *versions = vendors_range_text(range, &p->arena, &p->failed);

		if (text == NULL || versions == NULL) {
			p->failed = true;
			return;
		}
		paragraph(p, arena_printf(&p->arena, "%s: %s", versions, text), ITEM_INDENT);
	}
}

static void write_attach(struct page *p, const struct vendor *vendor)
{
	if (vendor->n_attaches == 0) {
		return;
	}
	heading(p, "How it attaches");
	for (uint32_t i = 0; i < vendor->n_attaches; i++) {
		const struct vendor_attach *row = &vendor->attaches[i];

		item(p, &row->when, row->text, row->source);
	}
}

static const char *codes_text(struct page *p, uint32_t codes)
{
	const char *text = "";

	for (uint32_t code = 0; code < N_CODES && text != NULL; code++) {
		if ((codes & CODE_BIT(code)) != 0) {
			text = arena_printf(&p->arena, "%s%s%s", text, text[0] != '\0' ? ", " : "",
			                    code_word((enum code)code));
		}
	}
	return text;
}

static void write_returns(struct page *p, const struct vendor *vendor)
{
	if (vendor->n_returns == 0) {
		return;
	}
	heading(p, "What it returns for packets it lets through");
	for (uint32_t i = 0; i < vendor->n_returns; i++) {
		const struct vendor_returns *row = &vendor->returns[i];
		const char *codes = row->depends ? "it depends" : codes_text(p, row->codes);
		const char *text = codes;

		if (codes != NULL && row->note != NULL) {
			text = arena_printf(&p->arena, "%s. %s", codes, row->note);
		}
		item(p, &row->when, text, row->source);
	}
}

static void write_takes(struct page *p, const struct vendor *vendor)
{
	if (vendor->n_takes == 0) {
		return;
	}
	heading(p, "What it takes from others");
	for (uint32_t i = 0; i < vendor->n_takes; i++) {
		const struct vendor_take *row = &vendor->takes[i];

		item(p, &row->when, row->text, row->source);
	}
}

/** Lines to paste, as they are. */
static void write_paste(struct page *p, const char *paste)
{
	for (const char *line = paste; line != NULL && *line != '\0';) {
		size_t len = strcspn(line, "\n");
		const char *copy = arena_strndup(&p->arena, line, len);

		p->failed = p->failed || copy == NULL;
		lines_indent(p->o, 2 * ITEM_INDENT);
		out_style(p->o, OUT_CYAN);
		out_term(p->o, copy);
		out_style(p->o, OUT_PLAIN);
		out_str(p->o, "\n");
		line += len + (line[len] != '\0');
	}
}

static void write_settings(struct page *p, const struct vendor *vendor)
{
	if (vendor->n_settings == 0) {
		return;
	}
	heading(p, "Settings that move it out of the way");
	for (uint32_t i = 0; i < vendor->n_settings; i++) {
		const struct vendor_setting *row = &vendor->settings[i];

		item(p, &row->when,
		     arena_printf(&p->arena, "%s (%s): %s", row->name,
		                  vendor_purpose_word(row->purpose), row->how),
		     row->source);
		write_paste(p, row->paste);
	}
}

static void write_sources(struct page *p, const struct vendor *vendor)
{
	const char *processes = "";

	for (uint32_t i = 0; i < vendor->n_processes && processes != NULL; i++) {
		processes = arena_printf(&p->arena, "%s%s%s", processes, i > 0 ? ", " : "",
		                         vendor->processes[i]);
	}
	if (vendor->n_processes > 0) {
		heading(p, "Processes");
		paragraph(p, processes, PAGE_INDENT);
	}
	if (vendor->n_sources > 0) {
		heading(p, "Sources");
	}
	for (uint32_t i = 0; i < vendor->n_sources; i++) {
		paragraph(p, vendor->sources[i], ITEM_INDENT);
	}
}

static void write_page(struct page *p, const struct vendor *vendor)
{
	out_style(p->o, OUT_BOLD);
	out_term(p->o, vendor->id);
	out_style(p->o, OUT_PLAIN);
	out_str(p->o, "  ");
	out_term(p->o, vendor->name);
	out_str(p->o, "\n");
	if (!vendor->uses_tc) {
		paragraph(p, "Known to attach no classifiers.", PAGE_INDENT);
	}
	if (vendor->needs_ingress) {
		paragraph(p, "Needs a plain ingress qdisc, and fails where a clsact already is.",
		          PAGE_INDENT);
	}
	if (vendor->note != NULL) {
		paragraph(p, vendor->note, PAGE_INDENT);
	}
	write_recognised(p, vendor);
	write_hints(p, vendor);
	write_attach(p, vendor);
	write_returns(p, vendor);
	write_takes(p, vendor);
	write_settings(p, vendor);
	write_sources(p, vendor);
}

static void list_some(struct page *p, const struct vendors *table, bool uses_tc)
{
	heading(p, uses_tc ? "They attach to tc, TCX or netkit" : "They are known not to");
	for (uint32_t i = 0; i < table->n; i++) {
		const struct vendor *vendor = &table->rows[i];

		if (vendor->uses_tc == uses_tc) {
			lines_indent(p->o, PAGE_INDENT);
			lines_pad(p->o, vendor->id, 24);
			out_term(p->o, vendor->name);
			out_str(p->o, "\n");
		}
	}
}

void explain_vendor_write(const struct vendors *table, const struct vendor *vendor,
                          uint32_t columns, struct out *o)
{
	struct page p = {
		.o = o,
		.width = columns == 0 || columns > PAGE_COLUMNS ? PAGE_COLUMNS : columns,
	};

	arena_init(&p.arena, PAGE_ARENA_BYTES);
	if (vendor != NULL) {
		write_page(&p, vendor);
	} else {
		list_some(&p, table, true);
		list_some(&p, table, false);
		out_str(o, "\nOne vendor in full: tcaudit explain --vendor ID\n");
	}
	arena_done(&p.arena);
	if (p.failed && o->error == 0) {
		o->error = -ENOMEM;
	}
}
