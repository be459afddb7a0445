/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/checklist.h"

#include "analyzer/agent.h"
#include "analyzer/census.h"
#include "analyzer/race.h"
#include "model/text.h"

#include <errno.h>

#define SEEING_TC     (FACET_NETNS | FACET_LINKS | FACET_QDISCS | FACET_FILTERS)
#define SEEING_OTHERS (FACET_TCX | FACET_NETKIT)

/** What an answer is made from. */
struct asking {
	const struct context *ctx;
	const struct findings *f;
	const struct census *census;
	struct arena *arena;
};

/** An answer, and its status as far as no finding says worse. */
struct reply {
	enum check_status status; /**< CHECK_PASS becomes unknown where something is missing. */
	const char *answer;       /**< NULL: no memory. */
};

/** One question: which findings bear on it, and what has to be whole for a "no". */
struct question {
	const char *item;
	const char *question;
	const char *codes[8]; /**< NULL-terminated. */
	uint32_t needs;
	struct reply (*reply)(const struct asking *asking);
};

/** A group of the census as text; NULL without memory. */
static const char *group(const struct asking *a, enum census_group which)
{
	return census_text(a->census, a->f, which, a->arena);
}

static struct reply reply_classifiers(const struct asking *a)
{
	if (census_classifiers(a->census) == 0) {
		return (struct reply){CHECK_PASS,
		                      "no other eBPF classifier was found on tc, TCX or netkit"};
	}

	const char *tc = group(a, CENSUS_TC);
	const char *tcx = group(a, CENSUS_TCX);
	const char *netkit = group(a, CENSUS_NETKIT);

	if (tc == NULL || tcx == NULL || netkit == NULL) {
		return (struct reply){0};
	}
	return (struct reply){
		CHECK_PASS,
		arena_printf(a->arena,
	                     "attached besides the Agent's: %s on tc, %s on TCX, %s on netkit", tc,
	                     tcx, netkit)};
}

static struct reply reply_returns(const struct asking *a)
{
	if (census_classifiers(a->census) == 0) {
		return (struct reply){CHECK_NOT_APPLICABLE, "no other eBPF classifier was found"};
	}
	if (a->census->n[CENSUS_ENDERS] == 0) {
		return (struct reply){CHECK_PASS,
		                      "all of them go on (UNSPEC) for packets they grant"};
	}

	const char *enders = group(a, CENSUS_ENDERS);

	if (enders == NULL) {
		return (struct reply){0};
	}
	return (struct reply){
		CHECK_PASS, arena_printf(a->arena,
	                                 "%s of %u end packets they grant, or were not proven to "
	                                 "go on; what counts is whether they stand in front of "
	                                 "priority %u",
	                                 enders, census_classifiers(a->census), a->ctx->priority)};
}

static struct reply reply_priorities(const struct asking *a)
{
	const uint32_t *n = a->census->n;

	if (n[CENSUS_AT_1] + n[CENSUS_TO_10] + n[CENSUS_ABOVE] == 0) {
		return (struct reply){CHECK_NOT_APPLICABLE,
		                      "no other eBPF filter was found on clsact"};
	}

	const char *at_1 = group(a, CENSUS_AT_1);
	const char *to_10 = group(a, CENSUS_TO_10);
	const char *above = group(a, CENSUS_ABOVE);

	if (at_1 == NULL || to_10 == NULL || above == NULL) {
		return (struct reply){0};
	}
	return (struct reply){
		CHECK_PASS, arena_printf(a->arena, "priority 1: %s, 2 to 10: %s, 11 and above: %s",
	                                 at_1, to_10, above)};
}

static struct reply reply_race(const struct asking *a)
{
	struct race race = race_judge(a->ctx, a->f, a->arena);

	return (struct reply){race.status, race.answer};
}

static struct reply reply_others(const struct asking *a)
{
	const char *tcx = group(a, CENSUS_TCX);
	const char *netkit = group(a, CENSUS_NETKIT);
	const char *xdp = group(a, CENSUS_XDP);

	if (tcx == NULL || netkit == NULL || xdp == NULL) {
		return (struct reply){0};
	}
	return (struct reply){CHECK_PASS,
	                      arena_printf(a->arena,
	                                   "programs on TCX: %s, netkit: %s, XDP: %s; ingress "
	                                   "qdiscs: %u; shared blocks: %u",
	                                   tcx, netkit, xdp, a->census->ingress_qdiscs,
	                                   a->census->shared_blocks)};
}

#define HOW_OFF                                                                                    \
	"network.enabled: false in system-probe.yaml, datadog.securityAgent.runtime.network."      \
	"enabled=false with Helm, DD_RUNTIME_SECURITY_CONFIG_NETWORK_ENABLED=false on "            \
	"system-probe with the Operator"

/** Where nobody asked for it. */
#define SHORT_HOW_OFF "network.enabled: false in system-probe.yaml"

static struct reply reply_off(const struct asking *a)
{
	const struct snap_config *row = agent_network_off(a->ctx->snap, a->ctx->opts);

	if (row != NULL) {
		return (struct reply){
			CHECK_PASS,
			arena_printf(a->arena, "they are off already: %s is false (%s)", row->key,
		                     row->source != NULL ? row->source : "?")};
	}
	switch (a->f->advice.action) {
	case ACTION_NONE:
	case ACTION_SET_PRIORITY:
		break;
	case ACTION_INVESTIGATE:
		return (struct reply){CHECK_NOT_APPLICABLE,
		                      "not before it is known what the others return; it would "
		                      "be " SHORT_HOW_OFF};
	case ACTION_FIX_VENDOR:
		return (struct reply){CHECK_WARN,
		                      "the last resort, where the other software cannot be "
		                      "changed: " HOW_OFF};
	case ACTION_UPGRADE_AGENT:
		return (struct reply){CHECK_WARN, "until the Agent is upgraded: " HOW_OFF};
	case ACTION_DISABLE_NETWORK:
		return (struct reply){CHECK_WARN, "recommended here: " HOW_OFF};
	}
	return (struct reply){CHECK_NOT_APPLICABLE, "not needed; it would be " SHORT_HOW_OFF};
}

static const struct question questions[] = {
	{
		.item = "ebpf-classifiers",
		.question = "Other eBPF classifiers?",
		.codes = {"TC101", "TC102", "TC103", "TC201", "TC203"},
		.needs = SEEING_TC | SEEING_OTHERS,
		.reply = reply_classifiers,
	},
	{
		.item = "return-codes",
		.question = "Do they let packets go on?",
		.codes = {"TC101", "TC102", "TC201", "TC203"},
		.needs = SEEING_TC | SEEING_OTHERS,
		.reply = reply_returns,
	},
	{
		.item = "priority-class",
		.question = "At which priorities?",
		.codes = {"TC101", "TC102", "TC103"},
		.needs = SEEING_TC,
		.reply = reply_priorities,
	},
	{
		.item = "cilium-race",
		.question = "Race with Cilium?",
		.codes = {"TC106", "TC107"},
		.reply = reply_race,
	},
	{
		.item = "other-hooks",
		.question = "Anything outside clsact?",
		.codes = {"TC201", "TC202", "TC203", "TC205", "TC206"},
		.needs = SEEING_TC | SEEING_OTHERS,
		.reply = reply_others,
	},
	{
		.item = "disable-network",
		.question = "Switch detections off?",
		.reply = reply_off,
	},
};

static bool bears_on(const struct question *question, const struct finding *f)
{
	if (f->state != FINDING_OPEN) {
		return false;
	}
	for (size_t i = 0; i < COUNT_OF(question->codes) && question->codes[i] != NULL; i++) {
		if (text_eq(question->codes[i], f->code)) {
			return true;
		}
	}
	return false;
}

/** Collect the findings behind an answer. @return the worst of them in @p ret_worst. */
static int collect_because(const struct question *question, struct findings *all,
                           struct check_item *item, enum severity *ret_worst)
{
	uint32_t n = 0;
	enum severity worst = SEV_INFO;

	for (uint32_t i = 0; i < all->n; i++) {
		n += bears_on(question, &all->rows[i]) ? 1 : 0;
	}
	if (n > 0) {
		item->because = arena_alloc(&all->arena, n * sizeof(*item->because));
		if (item->because == NULL) {
			return -ENOMEM;
		}
	}
	for (uint32_t i = 0; i < all->n; i++) {
		if (bears_on(question, &all->rows[i])) {
			item->because[item->n_because++] = i;
			worst = all->rows[i].severity > worst ? all->rows[i].severity : worst;
		}
	}
	*ret_worst = worst;
	return 0;
}

static enum check_status status_of(const struct context *ctx, const struct question *question,
                                   enum check_status reply, enum severity worst)
{
	if (worst == SEV_FAIL || reply == CHECK_FAIL) {
		return CHECK_FAIL;
	}
	if (worst == SEV_WARN || reply == CHECK_WARN) {
		return CHECK_WARN;
	}
	return (question->needs & ~ctx->snap->facets) != 0 ? CHECK_UNKNOWN : reply;
}

static bool is_suppressed(const struct findings *all, const char *code)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->rows[i];

		if (f->state == FINDING_SUPPRESSED && f->severity != SEV_INFO &&
		    text_eq(f->code, code)) {
			return true;
		}
	}
	return false;
}

/** An answer that is good only because findings were accepted says so. */
static const char *name_suppressed(const struct question *question, const struct findings *all,
                                   const char *answer, struct arena *arena)
{
	const char *separator = "; suppressed: ";

	for (size_t i = 0; i < COUNT_OF(question->codes) && question->codes[i] != NULL; i++) {
		if (answer != NULL && is_suppressed(all, question->codes[i])) {
			answer = arena_printf(arena, "%s%s%s", answer, separator,
			                      question->codes[i]);
			separator = ", ";
		}
	}
	return answer;
}

static int fill_item(const struct asking *asking, const struct question *question,
                     struct findings *ret, struct check_item *item)
{
	struct reply reply = question->reply(asking);
	enum severity worst = SEV_INFO;
	int r = collect_because(question, ret, item, &worst);

	if (r < 0 || reply.answer == NULL) {
		return -ENOMEM;
	}
	item->item = question->item;
	item->question = question->question;
	item->answer = name_suppressed(question, ret, reply.answer, &ret->arena);
	item->status = status_of(asking->ctx, question, reply.status, worst);
	return item->answer != NULL ? 0 : -ENOMEM;
}

int checklist_fill(const struct context *ctx, struct findings *ret)
{
	struct census census;
	const struct asking asking = {ctx, ret, &census, &ret->arena};
	int r = census_take(ctx, ret, &census);

	ret->checklist = arena_alloc(&ret->arena, COUNT_OF(questions) * sizeof(*ret->checklist));
	if (r < 0 || ret->checklist == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		r = fill_item(&asking, &questions[i], ret, &ret->checklist[i]);
		if (r < 0) {
			return r;
		}
	}
	ret->n_checklist = COUNT_OF(questions);
	return 0;
}
