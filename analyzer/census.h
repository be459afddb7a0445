/* SPDX-License-Identifier: Apache-2.0 */
/**
 * census.h - what is attached on the node besides the Agent's own filters, counted and named.
 */
#ifndef TCAUDIT_ANALYZER_CENSUS_H
#define TCAUDIT_ANALYZER_CENSUS_H

#include "analyzer/context.h"
#include "model/attrs.h"

#include <stdbool.h>
#include <stdint.h>

/** Last class of the documentation's list: 2 to this, and above. */
#define CENSUS_HIGH 10u

/** Groups of BPF entries; one entry can belong to several. */
enum census_group {
	CENSUS_TC, /**< On clsact or an ingress qdisc. */
	CENSUS_TCX,
	CENSUS_NETKIT,
	CENSUS_XDP,
	CENSUS_AT_1,   /**< Filters of chain 0 by priority: 0 and 1, */
	CENSUS_TO_10,  /**< 2 to CENSUS_HIGH, */
	CENSUS_ABOVE,  /**< and above. */
	CENSUS_ENDERS, /**< Of the first three: they end, or may end, packets that they grant. */
};
#define N_CENSUS_GROUPS (CENSUS_ENDERS + 1)

struct census {
	uint32_t n[N_CENSUS_GROUPS];
	uint32_t unnamed[N_CENSUS_GROUPS]; /**< Of them: the vendor is not known. */
	bool *vendors[N_CENSUS_GROUPS];    /**< For each of findings.vendors: has a part in it. */
	uint32_t ingress_qdiscs, shared_blocks;
};

/** Count. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int census_take(const struct context *ctx, const struct findings *f,
                             struct census *ret);

/** Programs on TC, TCX and netkit. */
uint32_t census_classifiers(const struct census *census);

/**
 * A group's number with the names of its vendors: "3 (Cilium, Calico, 1 not identified)", "3" where
 * none is known. @return NULL without memory.
 */
const char *census_text(const struct census *census, const struct findings *f,
                        enum census_group group, struct arena *arena);

#endif
