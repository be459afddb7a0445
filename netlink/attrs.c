/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/attrs.h"

#include "model/text.h"

#include <errno.h>
#include <string.h>

/** A run of attributes and whose it is, for messages. */
struct run {
	const struct nlattr *first;
	size_t len;
	const char *owner;
	unsigned type;
};

static bool attr_fits(const struct nlattr *attr, const struct attr_want *want)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	if (len < want->min || len > want->max) {
		return false;
	}
	return !want->text || memchr(mnl_attr_get_payload(attr), '\0', len) != NULL;
}

static int index_run(const struct run *run, const struct attr_want want[], size_t n,
                     const struct nlattr *tb[], struct err *err)
{
	const struct nlattr *attr = run->first;
	int left = (int)run->len;

	for (size_t i = 0; i < n; i++) {
		tb[i] = NULL;
	}
	for (; left > 0 && mnl_attr_ok(attr, left); attr = mnl_attr_next(attr)) {
		uint16_t type = mnl_attr_get_type(attr);

		left -= (int)MNL_ALIGN(attr->nla_len);
		if (type >= n || !want[type].used) {
			continue; /* newer kernels add attributes; not an error */
		}
		if (!attr_fits(attr, &want[type])) {
			return err_set(err, -EBADMSG,
			               "%s %u: attribute %u of %u bytes does not fit", run->owner,
			               run->type, type, mnl_attr_get_payload_len(attr));
		}
		tb[type] = attr;
	}
	/* mnl_attr_ok() also ends the loop at the first impossible length. */
	if (left > 0) {
		return err_set(err, -EBADMSG, "%s %u: %d stray bytes", run->owner, run->type, left);
	}
	return 0;
}

int attrs_index(const struct nlmsghdr *nlh, size_t hdr, const struct attr_want want[], size_t n,
                const struct nlattr *tb[], struct err *err)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (len < MNL_ALIGN(hdr)) {
		return err_set(err, -EBADMSG, "message %u: header of %zu bytes", nlh->nlmsg_type,
		               len);
	}

	const struct run run = {
		.first = mnl_nlmsg_get_payload_offset(nlh, hdr),
		.len = len - MNL_ALIGN(hdr),
		.owner = "message",
		.type = nlh->nlmsg_type,
	};

	return index_run(&run, want, n, tb, err);
}

int attrs_nested(const struct nlattr *nest, const struct attr_want want[], size_t n,
                 const struct nlattr *tb[], struct err *err)
{
	struct run run = {.owner = "nest"};

	if (nest != NULL) {
		run.first = mnl_attr_get_payload(nest);
		run.len = mnl_attr_get_payload_len(nest);
		run.type = mnl_attr_get_type(nest);
	}
	return index_run(&run, want, n, tb, err);
}

const struct nlattr *attrs_next(const struct nlattr *nest, const struct nlattr *prev)
{
	const char *end = (const char *)mnl_attr_get_payload(nest) + mnl_attr_get_payload_len(nest);
	const struct nlattr *attr = prev != NULL ? mnl_attr_next(prev) : mnl_attr_get_payload(nest);
	ptrdiff_t left = end - (const char *)attr; /* negative behind unpadded last ones */

	return left > 0 && mnl_attr_ok(attr, (int)left) ? attr : NULL;
}

bool attrs_has_other(const struct nlattr *nest, const struct attr_want want[], size_t n)
{
	for (const struct nlattr *attr = attrs_next(nest, NULL); attr != NULL;
	     attr = attrs_next(nest, attr)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type >= n || !want[type].used) {
			return true;
		}
	}
	return false;
}

uint32_t attrs_u32(const struct nlattr *attr, uint32_t otherwise)
{
	return attr != NULL ? mnl_attr_get_u32(attr) : otherwise;
}

uint8_t attrs_u8(const struct nlattr *attr, uint8_t otherwise)
{
	return attr != NULL ? mnl_attr_get_u8(attr) : otherwise;
}

const char *attrs_import(struct arena *arena, const struct nlattr *attr)
{
	return text_import(arena, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

bool attrs_text_is(const struct nlattr *attr, const char *word)
{
	return attr != NULL && strcmp(mnl_attr_get_payload(attr), word) == 0;
}
