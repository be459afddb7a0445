/* SPDX-License-Identifier: Apache-2.0 */
/**
 * progen_cycles.h - random programs whose functions tail-call, so that they lead back to each
 * other. Results are small numbers that depend on those of the calls inside, which random
 * arithmetic would drown.
 */
#ifndef TCAUDIT_TESTS_PROGEN_CYCLES_H
#define TCAUDIT_TESTS_PROGEN_CYCLES_H

#include "tests/progen.h"

/** A tail call that may fail; the index is a byte of the context or a number. */
static void progen_cycle_tail(struct progen *g)
{
	struct slot8 map[] = {LD_MAP(2, g->array)};

	if (progen_pick(g, 2)) {
		progen_emit(g, MOV64_IMM(3, (int32_t)progen_pick(g, 4)));
	} else {
		progen_emit(g, LDX(B, 3, 6, (int16_t)progen_pick(g, 8)));
		progen_emit(g, ALU64_IMM(A_AND, 3, 3));
	}
	progen_emit(g, MOV64_REG(1, 6));
	progen_emit(g, map[0]);
	progen_emit(g, map[1]);
	progen_emit(g, TAIL_CALL());
	progen_emit(g, MOV64_IMM(0, (int32_t)progen_pick(g, 8)));
}

/** What becomes of a result in r0. */
static void progen_cycle_result(struct progen *g)
{
	switch (progen_pick(g, 6)) {
	case 0:
		progen_emit(g, JMP_IMM(J_JNE, 0, (int32_t)progen_pick(g, 8), 1));
		progen_emit(g, MOV64_IMM(0, (int32_t)progen_pick(g, 8)));
		break;
	case 1:
		progen_emit(g, ALU64_IMM(A_ADD, 0, 1));
		progen_emit(g, ALU64_IMM(A_AND, 0, 7));
		break;
	case 2:
		progen_emit(g, STX(W, 6, 48, 0));
		break;
	case 3:
		progen_emit(g, LDX(W, 1, 6, 48));
		progen_emit(g, ALU64_IMM(A_AND, 1, 3));
		progen_emit(g, ALU64_REG(A_XOR, 0, 1));
		break;
	case 4:
		progen_emit(g, STX(W, 10, -8, 0));
		break;
	default:
		progen_emit(g, LDX(W, 0, 10, -8));
		break;
	}
}

/** Calls of functions that are given the context and, some, a place in the frame. */
static void progen_cycle_calls(struct progen *g, uint32_t most)
{
	for (uint32_t i = 1 + progen_pick(g, most); i > 0 && g->n_calls < 8; i--) {
		progen_emit(g, MOV64_REG(1, 6));
		progen_emit(g, MOV64_REG(2, 10));
		progen_emit(g, ALU64_IMM(A_ADD, 2, -8));
		g->call_frame[g->n_calls] = progen_pick(g, 2);
		g->calls[g->n_calls++] = g->n;
		progen_emit(g, CALL_OWN(0));
		progen_cycle_result(g);
	}
}

/** Make one program, as dumps show it. @param seed anything but 0. */
static void progen_cycle(struct progen *g, uint64_t seed)
{
	g->rng = seed;
	g->n = 0;
	g->n_calls = 0;
	(void)progen_next(g);
	progen_emit(g, MOV64_REG(6, 1));
	progen_emit(g, ST(DW, 10, -8, (int32_t)progen_pick(g, 8)));
	progen_cycle_calls(g, 3);
	progen_emit(g, EXIT());
	for (uint32_t i = 0; i < g->n_calls; i++) {
		g->code[g->calls[i]].off = (int16_t)(g->n - g->calls[i] - 1);
		progen_emit(g, MOV64_REG(6, 1));
		progen_emit(g, ST(DW, 10, -8, (int32_t)progen_pick(g, 8)));
		if (g->call_frame[i]) {
			progen_emit(g, ST(W, 2, 0, (int32_t)progen_pick(g, 8)));
		}
		progen_emit(g, MOV64_IMM(0, (int32_t)progen_pick(g, 8)));
		if (progen_pick(g, 4) == 0) {
			progen_cycle_calls(g, 1);
		}
		if (progen_pick(g, 4)) {
			progen_cycle_tail(g);
		}
		progen_emit(g, EXIT());
	}
}

#endif
