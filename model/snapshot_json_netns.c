/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot loader: namespaces, links, qdiscs. */
#include "model/snapshot_json_rows.h"

#include <errno.h>
#include <string.h>

static int read_qdisc(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"kind", FIELD_TEXT, true, offsetof(struct snap_qdisc, kind), 0, 0},
		{"handle", FIELD_U32, true, offsetof(struct snap_qdisc, handle), 0, 0},
		{"parent", FIELD_U32, true, offsetof(struct snap_qdisc, parent), 0, 0},
		{"ingress_block", FIELD_U32, false, offsetof(struct snap_qdisc, ingress_block), 0,
	         0},
		{"egress_block", FIELD_U32, false, offsetof(struct snap_qdisc, egress_block), 0, 0},
	};
	const struct hook_place *place = ctx;
	struct snap_qdisc row = {.link = place->link};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0 && snap_add_qdisc(place->snap, &row, NULL) < 0) {
		return json_no_memory(at);
	}
	return r;
}

static int read_peer(const struct json_at *at, struct snap_link *row)
{
	static const struct json_field fields[] = {
		{"netns", FIELD_U64, false, offsetof(struct snap_link, peer_inode), 0, 0},
		{"ifindex", FIELD_U32, true, offsetof(struct snap_link, peer_ifindex), 1, 0},
	};
	const struct json_path path = {.up = at->path, .key = "peer"};
	const cJSON *peer = NULL;
	int r = json_get_object(at->obj, "peer", false, &peer, at->path, at->err);

	if (r < 0 || !peer) {
		return r;
	}
	row->has_peer = true;
	return json_read_fields(&(struct json_at){peer, &path, at->arena, at->err}, fields,
	                        COUNT_OF(fields), row);
}

static int read_link(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"ifindex", FIELD_U32, true, offsetof(struct snap_link, ifindex), 1, 0},
		{"name", FIELD_TEXT, true, offsetof(struct snap_link, name), 0, 0},
		{"kind", FIELD_TEXT, false, offsetof(struct snap_link, kind), 0, 0},
		{"up", FIELD_BOOL, true, offsetof(struct snap_link, up), 0, 0},
		{"master", FIELD_U32, false, offsetof(struct snap_link, master), 0, 0},
	};
	struct snapshot *snap = ctx;
	struct snap_link row = {
		.netns = snap->n_netns - 1, .netnsid = -1, .peer = SNAP_NONE}; /* of the last one */
	struct hook_place place = {.snap = snap};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0) {
		r = read_peer(at, &row);
	}
	if (r == 0 && snap_add_link(snap, &row, &place.link) < 0) {
		r = json_no_memory(at);
	}
	if (r == 0) {
		r = json_each(at, "qdiscs", false, read_qdisc, &place);
	}
	return r < 0 ? r : json_each(at, "hooks", true, snapshot_read_hook, &place);
}

static int read_pids(const struct json_at *at, struct snap_netns *row)
{
	const uint32_t *pids = NULL;
	uint32_t n = 0;
	int r = json_read_numbers(at, "pids", true, &pids, &n);

	if (r < 0) {
		return r;
	}
	if (n > SNAP_MAX_PIDS) {
		return json_bad_at(at, "pids", "more than 8");
	}
	if (n > 0) {
		memcpy(row->pids, pids, n * sizeof(*pids));
	}
	row->n_kept_pids = n;
	return row->n_pids < n ? json_bad_at(at, "n_pids", "less than the pids given") : 0;
}

int snapshot_read_netns(const struct json_at *at, void *ctx)
{
	static const struct json_field fields[] = {
		{"inode", FIELD_U64, true, offsetof(struct snap_netns, inode), 0, 0},
		{"host", FIELD_BOOL, true, offsetof(struct snap_netns, host), 0, 0},
		{"n_pids", FIELD_U32, true, offsetof(struct snap_netns, n_pids), 0, 0},
		{"process", FIELD_TEXT, false, offsetof(struct snap_netns, process), 0, 0},
		{"container", FIELD_TEXT, false, offsetof(struct snap_netns, container), 0, 0},
		{"pod_uid", FIELD_TEXT, false, offsetof(struct snap_netns, pod_uid), 0, 0},
	};
	struct snapshot *snap = ctx;
	struct snap_netns row = {0};
	int r = json_read_fields(at, fields, COUNT_OF(fields), &row);

	if (r == 0) {
		r = json_read_texts(at, "names", &row.names, &row.n_names);
	}
	if (r == 0) {
		r = read_pids(at, &row);
	}
	if (r == 0 && snap_add_netns(snap, &row, NULL) < 0) {
		r = json_no_memory(at);
	}
	return r < 0 ? r : json_each(at, "links", true, read_link, snap);
}
