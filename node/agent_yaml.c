/* SPDX-License-Identifier: Apache-2.0 */
#include "node/agent_yaml.h"

#include "model/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

/** Memory for the tree of a file; the largest one needs about half of it. */
#define TREE_BYTES ((size_t)96 << 20)

/** Lines that begin with `%`; libyaml compares each directive with all before it. */
#define MAX_DIRECTIVES 64u

#define NO_NODE UINT32_MAX

enum node_kind {
	NODE_SCALAR,
	NODE_MAPPING, /**< Its children are keys and values in turn. */
	NODE_SEQUENCE,
	NODE_ALIAS,
};

/** One value of the document. */
struct node {
	enum node_kind kind;
	bool plain; /**< Scalar without quotes. */
	uint32_t line;
	uint32_t first; /**< First child, or NO_NODE; of an alias: what it stands for. */
	uint32_t next;  /**< Next child of the same parent, or NO_NODE. */
	const char *text;
};

struct anchor {
	const char *name;
	uint32_t node;
};

/** One level that is open. */
struct level {
	uint32_t node;
	uint32_t last; /**< Its last child so far, or NO_NODE. */
};

/** The document while it is read. */
struct tree {
	struct arena arena;
	struct err *err;
	struct node *nodes;
	uint32_t n_nodes, cap_nodes;
	struct anchor *anchors;
	uint32_t n_anchors, cap_anchors;
	struct level levels[AGENT_YAML_DEPTH];
	uint32_t n_levels;
	uint32_t line; /**< Of the event being read, from 1. */
};

static int tree_no_memory(struct tree *tree)
{
	return err_set(tree->err, -ENOMEM, "line %u: out of memory", tree->line);
}

static int bad(struct err *err, uint32_t line, const char *what)
{
	return err_set(err, -EBADMSG, "line %u: %s", line, what);
}

/** Append a node to the open level. @return 0 or -ENOMEM. */
static int add_node(struct tree *tree, const struct node *row, uint32_t *ret)
{
	void *vec = tree->nodes;
	uint32_t at = tree->n_nodes;

	if (arena_reserve(&tree->arena, &vec, at, &tree->cap_nodes, sizeof(*row)) < 0) {
		return tree_no_memory(tree);
	}
	tree->nodes = vec;
	tree->nodes[tree->n_nodes++] = *row;
	tree->nodes[at].line = tree->line;
	tree->nodes[at].next = NO_NODE;
	if (tree->n_levels > 0) {
		struct level *level = &tree->levels[tree->n_levels - 1];

		if (level->last == NO_NODE) {
			tree->nodes[level->node].first = at;
		} else {
			tree->nodes[level->last].next = at;
		}
		level->last = at;
	}
	*ret = at;
	return 0;
}

static int add_anchor(struct tree *tree, const yaml_char_t *name, uint32_t node)
{
	void *vec = tree->anchors;

	if (!name) {
		return 0;
	}
	if (tree->n_anchors == AGENT_YAML_ANCHORS) {
		return err_set(tree->err, -EFBIG, "line %u: more anchors than are followed",
		               tree->line);
	}

	const char *text = (const char *)name;
	struct anchor row = {.name = arena_strndup(&tree->arena, text, strlen(text)), .node = node};

	if (!row.name || arena_reserve(&tree->arena, &vec, tree->n_anchors, &tree->cap_anchors,
	                               sizeof(row)) < 0) {
		return tree_no_memory(tree);
	}
	tree->anchors = vec;
	tree->anchors[tree->n_anchors++] = row;
	return 0;
}

static int add_scalar(struct tree *tree, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct node row = {
		.kind = NODE_SCALAR,
		.plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
		.first = NO_NODE,
		.text = arena_strndup(&tree->arena, text, strnlen(text, len)),
	};
	uint32_t at = 0;
	int r = row.text ? add_node(tree, &row, &at) : tree_no_memory(tree);

	return r < 0 ? r : add_anchor(tree, event->data.scalar.anchor, at);
}

/** The last anchor of a name counts, as one may be set again. */
static int add_alias(struct tree *tree, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct node row = {.kind = NODE_ALIAS, .first = NO_NODE};
	uint32_t at = 0;

	for (uint32_t i = tree->n_anchors; i > 0 && row.first == NO_NODE; i--) {
		if (strcmp(tree->anchors[i - 1].name, name) == 0) {
			row.first = tree->anchors[i - 1].node;
		}
	}
	return row.first == NO_NODE ? bad(tree->err, tree->line, "an alias of no anchor")
	                            : add_node(tree, &row, &at);
}

static int open_level(struct tree *tree, enum node_kind kind, const yaml_char_t *anchor)
{
	struct node row = {.kind = kind, .first = NO_NODE};
	uint32_t at = 0;

	if (tree->n_levels == AGENT_YAML_DEPTH) {
		return err_set(tree->err, -EFBIG, "line %u: nested more than %d deep", tree->line,
		               AGENT_YAML_DEPTH);
	}
	int r = add_node(tree, &row, &at);

	r = r < 0 ? r : add_anchor(tree, anchor, at);
	if (r == 0) {
		tree->levels[tree->n_levels++] = (struct level){.node = at, .last = NO_NODE};
	}
	return r;
}

/** Libyaml's complaint. A byte that is no text has a place in bytes only. */
static int parser_error(const yaml_parser_t *parser, const char *bytes, struct tree *tree)
{
	size_t line = parser->problem_mark.line + 1;
	const char *what = parser->problem ? parser->problem : "not YAML";

	if (parser->error == YAML_MEMORY_ERROR) {
		return tree_no_memory(tree);
	}
	if (parser->error == YAML_READER_ERROR) {
		line = 1;
		for (size_t i = 0; i < parser->problem_offset; i++) {
			line += bytes[i] == '\n';
		}
	}
	return bad(tree->err, (uint32_t)line, what);
}

/** One event. @return 1 at the end of the document, 0, or a negative errno. */
static int add_event(struct tree *tree, const yaml_event_t *event)
{
	tree->line = (uint32_t)event->start_mark.line + 1;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return add_scalar(tree, event);
	case YAML_ALIAS_EVENT:
		return add_alias(tree, event);
	case YAML_MAPPING_START_EVENT:
		return open_level(tree, NODE_MAPPING, event->data.mapping_start.anchor);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(tree, NODE_SEQUENCE, event->data.sequence_start.anchor);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		tree->n_levels--;
		return 0;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		return 0;
	}
	return 0;
}

/** Only the first document counts. */
static int build(struct tree *tree, const char *bytes, size_t len)
{
	yaml_parser_t parser;
	int r = 0;

	tree->line = 1;
	if (!yaml_parser_initialize(&parser)) {
		return tree_no_memory(tree);
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
	while (r == 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			r = parser_error(&parser, bytes, tree);
			break;
		}
		r = add_event(tree, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return r < 0 ? r : 0;
}

static int check_directives(const char *bytes, size_t len, struct err *err)
{
	uint32_t n = 0;
	uint32_t line = 1;

	for (size_t i = 0; i < len; i++) {
		n += bytes[i] == '%' && (i == 0 || bytes[i - 1] == '\n' || bytes[i - 1] == '\r');
		if (n > MAX_DIRECTIVES) {
			return err_set(err, -EFBIG, "line %u: more directives than are read", line);
		}
		line += bytes[i] == '\n';
	}
	return 0;
}

/** Place for what is found, used again when the same key comes again. */
struct found {
	char key[SETTING_KEY_BYTES];
	char value[SETTING_VALUE_BYTES];
};

/** The tree turned into settings. */
struct walk {
	const struct tree *tree;
	struct settings settings; /**< Texts in found. */
	struct found *found;      /**< N_SETTING_SLOTS of them. */
	uint32_t n_visits;
	uint32_t depth;
};

/** What an alias stands for; the node itself otherwise. An alias never stands for an alias. */
static const struct node *target(const struct walk *walk, const struct node *node)
{
	return node->kind == NODE_ALIAS ? &walk->tree->nodes[node->first] : node;
}

static const struct node *child(const struct walk *walk, uint32_t at)
{
	return at == NO_NODE ? NULL : &walk->tree->nodes[at];
}

static int count_visit(struct walk *walk, const struct node *node)
{
	if (++walk->n_visits > AGENT_YAML_VISITS) {
		return err_set(walk->tree->err, -EFBIG,
		               "line %u: too many values, counting again where aliases lead",
		               node->line);
	}
	return 0;
}

/** What YAML 1.1 reads as null sets nothing. */
static bool is_null(const struct node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (node->plain && strcmp(node->text, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

/** The members of a list, separated by commas. */
static int join_list(struct walk *walk, const struct node *list, char value[SETTING_VALUE_BYTES])
{
	size_t used = 0;

	value[0] = '\0';
	for (const struct node *at = child(walk, list->first); at; at = child(walk, at->next)) {
		const struct node *item = target(walk, at);
		int r = count_visit(walk, at);

		if (r < 0 || item->kind != NODE_SCALAR) {
			return r < 0 ? r : bad(walk->tree->err, at->line, "a list in a list");
		}
		int n = snprintf(value + used, SETTING_VALUE_BYTES - used, "%s%s",
		                 used > 0 ? "," : "", item->text);

		if (n < 0 || (size_t)n >= SETTING_VALUE_BYTES - used) {
			return err_set(walk->tree->err, -EFBIG, "line %u: a list too long",
			               at->line);
		}
		used += (size_t)n;
	}
	return 0;
}

/** A value whose whole key is known. */
static int set_value(struct walk *walk, int slot, const char *key, const struct node *node)
{
	struct found *found = &walk->found[slot];
	int r = 0;

	if (node->kind == NODE_SEQUENCE) {
		r = join_list(walk, node, found->value);
	} else if (node->kind != NODE_SCALAR || is_null(node)) {
		return 0;
	} else if (strlen(node->text) >= sizeof(found->value)) {
		r = err_set(walk->tree->err, -EFBIG, "line %u: a value too long", node->line);
	} else {
		(void)snprintf(found->value, sizeof(found->value), "%s", node->text);
	}
	if (r == 0) {
		(void)snprintf(found->key, sizeof(found->key), "%s", key);
		walk->settings.rows[slot] =
			(struct snap_config){.key = found->key, .value = found->value};
	}
	return r;
}

/* Recursion ends at the depth of the longest key, or where merge keys make a circle. */
/* NOLINTBEGIN(misc-no-recursion) */
static int walk_mapping(struct walk *walk, const struct node *map, const char *prefix);

/** One key and its value. The last of equal keys replaces all that was below the others. */
static int walk_pair(struct walk *walk, const struct node *key, const struct node *value,
                     const char *prefix)
{
	char path[SETTING_KEY_BYTES];
	int n = key->kind == NODE_SCALAR ? snprintf(path, sizeof(path), "%s%s%s", prefix,
	                                            prefix[0] != '\0' ? "." : "", key->text)
	                                 : -1;

	if (n < 0 || (size_t)n >= sizeof(path)) {
		return 0; /* longer than any key that matters */
	}

	int slot = setting_slot(path);

	if (slot >= 0) {
		setting_forget(&walk->settings, path);
		return set_value(walk, slot, path, value);
	}
	if (!setting_is_part(path)) {
		return 0;
	}
	setting_forget(&walk->settings, path);
	return value->kind == NODE_MAPPING ? walk_mapping(walk, value, path) : 0;
}

static bool is_merge(const struct node *key)
{
	return key->kind == NODE_SCALAR && key->plain && strcmp(key->text, "<<") == 0;
}

/** Merge keys first, since what is spelled out replaces it; of several maps the first wins. */
static int walk_merge(struct walk *walk, const struct node *value, const char *prefix)
{
	uint32_t items[AGENT_YAML_DEPTH];
	uint32_t n = 0;
	int r = 0;

	if (value->kind == NODE_MAPPING) {
		return walk_mapping(walk, value, prefix);
	}
	for (uint32_t at = value->kind == NODE_SEQUENCE ? value->first : NO_NODE; at != NO_NODE;
	     at = walk->tree->nodes[at].next) {
		if (n == COUNT_OF(items)) {
			return err_set(walk->tree->err, -EFBIG, "line %u: merges too many maps",
			               value->line);
		}
		items[n++] = at;
	}
	while (n > 0 && r == 0) {
		const struct node *map = target(walk, &walk->tree->nodes[items[--n]]);

		r = map->kind == NODE_MAPPING
		            ? walk_mapping(walk, map, prefix)
		            : bad(walk->tree->err, map->line, "merges what is no map");
	}
	return r;
}

/** The pairs of a map, either its merge keys or all others. */
static int walk_pairs(struct walk *walk, const struct node *map, const char *prefix, bool merges)
{
	const struct node *key = child(walk, map->first);
	int r = 0;

	while (key && r == 0) {
		const struct node *value = child(walk, key->next);

		if (!value) {
			break;
		}
		r = count_visit(walk, key);
		if (r == 0 && is_merge(target(walk, key)) == merges) {
			r = merges ? walk_merge(walk, target(walk, value), prefix)
			           : walk_pair(walk, target(walk, key), target(walk, value),
			                       prefix);
		}
		key = child(walk, value->next);
	}
	return r;
}

static int walk_mapping(struct walk *walk, const struct node *map, const char *prefix)
{
	if (walk->depth == AGENT_YAML_DEPTH) {
		return err_set(walk->tree->err, -EFBIG, "line %u: aliases lead in a circle",
		               map->line);
	}
	walk->depth++;
	int r = walk_pairs(walk, map, prefix, true);

	r = r < 0 ? r : walk_pairs(walk, map, prefix, false);
	walk->depth--;
	return r;
}
/* NOLINTEND(misc-no-recursion) */

static void tree_done(struct tree *tree)
{
	void *vec = tree->nodes;

	arena_release(&tree->arena, &vec, &tree->cap_nodes, sizeof(*tree->nodes));
	vec = tree->anchors;
	arena_release(&tree->arena, &vec, &tree->cap_anchors, sizeof(*tree->anchors));
	arena_done(&tree->arena);
}

/** The document as settings, in memory of the tree. */
static int walk_document(struct walk *walk, struct tree *tree)
{
	const struct node *root = tree->n_nodes > 0 ? target(walk, &tree->nodes[0]) : NULL;

	if (!root || (root->kind == NODE_SCALAR && is_null(root))) {
		return 0;
	}
	if (root->kind != NODE_MAPPING) {
		return bad(tree->err, root->line, "not a map of settings");
	}
	walk->found = arena_alloc(&tree->arena, N_SETTING_SLOTS * sizeof(*walk->found));
	return walk->found ? walk_mapping(walk, root, "") : tree_no_memory(tree);
}

/** Keep what was found. */
static int keep(const struct walk *walk, struct arena *arena, struct settings *ret, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < N_SETTING_SLOTS && r == 0; i++) {
		const struct snap_config *row = &walk->settings.rows[i];
		const struct setting_text text = {.key = row->key, .value = row->value};

		r = row->key ? setting_set(ret, i, &text, arena) : 0;
	}
	return r < 0 ? err_set(err, r, "out of memory") : 0;
}

int agent_yaml_read(const char *bytes, size_t len, struct arena *arena, struct settings *ret,
                    struct err *err)
{
	struct err own = {0};
	struct tree tree = {.err = err ? err : &own};
	struct walk walk = {.tree = &tree};

	if (len > AGENT_YAML_BYTES) {
		return err_set(err, -EFBIG, "longer than %zu bytes", AGENT_YAML_BYTES);
	}
	arena_init(&tree.arena, TREE_BYTES);
	int r = check_directives(bytes, len, tree.err);

	r = r < 0 ? r : build(&tree, bytes, len);
	r = r < 0 ? r : walk_document(&walk, &tree);
	r = r < 0 ? r : keep(&walk, arena, ret, tree.err);
	tree_done(&tree);
	return r;
}
