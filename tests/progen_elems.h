/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progen_elems.h - part of progen.h: statements about elements of a per-CPU array.
 */
#ifndef TCAUDIT_TESTS_PROGEN_ELEMS_H
#define TCAUDIT_TESTS_PROGEN_ELEMS_H

#define PROGEN_KEY   (-72) /* below the slots that other statements use */
#define PROGEN_SPILL (-80)

/** A lookup as the kernel writes it in place: eight instructions from the map's address on. */
static void progen_in_place(struct progen *g)
{
	progen_emit(g, ALU64_IMM(A_ADD, 1, 0x108));
	progen_emit(g, LDX(W, 0, 2, 0));
	progen_emit(g, JMP_IMM(J_JGE, 0, 2, 5));
	progen_emit(g, ALU64_IMM(A_LSH, 0, 3));
	progen_emit(g, ALU64_REG(A_ADD, 0, 1));
	progen_emit(g, LDX(DW, 0, 0, 0));
	progen_emit(g, RAW(0xbf, 0, 0, -1, 0));
	progen_emit(g, JA(1));
	progen_emit(g, MOV64_IMM(0, 0));
}

/** r0 = address of an element, or a jump to where the caller says. @return the jump. */
static uint32_t progen_lookup(struct progen *g)
{
	struct slot8 map[] = {LD_MAP(1, g->elems)};
	uint8_t src = progen_src(g);

	if (progen_pick(g, 4)) {
		progen_emit(g, ST(W, 10, PROGEN_KEY, (int32_t)(progen_pick(g, 16) % 9 % 3)));
	} else {
		progen_emit(g, MOV64_REG(0, src));
		progen_emit(g, ALU64_IMM(A_AND, 0, 1 + (int32_t)progen_pick(g, 3)));
		progen_emit(g, STX(W, 10, PROGEN_KEY, 0));
	}
	progen_emit(g, MOV64_REG(2, 10));
	progen_emit(g, ALU64_IMM(A_ADD, 2, PROGEN_KEY));
	progen_emit(g, map[0]);
	progen_emit(g, map[1]);
	if (g->dump && progen_pick(g, 2)) {
		progen_in_place(g);
	} else {
		progen_emit(g, CALL(PROGEN_LOOKUP));
	}
	progen_emit(g, JMP_IMM(J_JEQ, 0, 0, 0));
	return g->n - 1;
}

/** One access to the element at r0; the frame has 64 bytes that another helper may copy. */
static void progen_access(struct progen *g)
{
	static const int32_t atomics[] = {0x00, 0x01, 0x41, 0x51, 0xe1};
	uint32_t size = progen_pick(g, 4);
	uint32_t most = progen_pick(g, 4) ? 16 : 64; /* few places: what was stored is read again */
	int16_t off = (int16_t)(progen_pick(g, most >> size) << size);
	uint8_t reg = (uint8_t)(7 + progen_pick(g, 2));

	switch (progen_pick(g, 10)) {
	case 0:
		progen_emit(g, RAW(0x62 | progen_sizes[size], 0, 0, off, progen_number(g)));
		break;
	case 1:
	case 2:
		progen_emit(g, RAW(0x63 | progen_sizes[size], 0, reg, off, 0));
		break;
	case 3: /* somewhere in it */
		progen_emit(g, MOV64_REG(1, reg));
		progen_emit(g, ALU64_IMM(A_AND, 1, progen_pick(g, 2) ? 63 : 8));
		progen_emit(g, MOV64_REG(2, 0));
		progen_emit(g, ALU64_REG(A_ADD, 2, 1));
		progen_emit(g, progen_pick(g, 2) ? STX(B, 2, 0, 7) : LDX(B, reg, 2, 0));
		break;
	case 4:
		size = size < 2 ? 2 : size;
		off = (int16_t)(progen_pick(g, most >> size) << size);
		progen_emit(
			g, RAW(0xc3 | progen_sizes[size], 0, reg, off, atomics[progen_pick(g, 5)]));
		break;
	case 5: /* the pointer waits on the stack while something is called */
		progen_emit(g, STX(DW, 10, PROGEN_SPILL, 0));
		progen_emit(g, CALL(PROGEN_RANDOM));
		progen_emit(g, LDX(DW, 0, 10, PROGEN_SPILL));
		break;
	default:
		progen_emit(g, RAW(0x61 | progen_sizes[size], reg, 0, off, 0));
		break;
	}
}

/** A helper that writes to the element at r0, or to all of one. */
static void progen_fill(struct progen *g)
{
	uint32_t len = 1 + progen_pick(g, 16);
	struct slot8 map[] = {LD_MAP(1, g->elems)};

	if (g->in_func || progen_pick(g, 2)) {
		progen_emit(g, MOV64_REG(2, 10));
		progen_emit(g, ALU64_IMM(A_ADD, 2, PROGEN_KEY));
		progen_emit(g, MOV64_REG(3, 10));
		progen_emit(g, ALU64_IMM(A_ADD, 3, -64));
		progen_emit(g, MOV64_IMM(4, 0));
		progen_emit(g, map[0]);
		progen_emit(g, map[1]);
		progen_emit(g, CALL(PROGEN_UPDATE));
		return;
	}
	progen_emit(g, MOV64_REG(1, 6));
	progen_emit(g, MOV64_IMM(2, (int32_t)progen_pick(g, 90)));
	progen_emit(g, MOV64_REG(3, 0));
	progen_emit(g, ALU64_IMM(A_ADD, 3, (int32_t)progen_pick(g, 16)));
	progen_emit(g, MOV64_IMM(4, (int32_t)len));
	progen_emit(g, CALL(PROGEN_LOAD_BYTES));
}

/** Memory of a per-CPU array: looked up, used, and perhaps handed to a function. */
static void progen_element(struct progen *g)
{
	uint32_t skip = progen_lookup(g);
	uint32_t count = 1 + progen_pick(g, 4);

	for (uint32_t i = 0; i < count; i++) {
		progen_access(g);
	}
	if (progen_pick(g, 4) == 0) {
		progen_fill(g);
	} else if (progen_pick(g, 3) == 0 && !g->in_func && g->n_calls < 8) {
		progen_emit(g, MOV64_REG(1, 0));
		progen_emit(g, ALU64_IMM(A_ADD, 1, 8 * (int32_t)progen_pick(g, 6)));
		progen_emit(g, MOV64_REG(2, 8));
		g->call_frame[g->n_calls] = true;
		g->calls[g->n_calls++] = g->n;
		progen_emit(g, CALL_OWN(0));
	}
	g->code[skip].off = (int16_t)(g->n - skip - 1);
	g->ready &= ~0x3fu;
	progen_emit(g, MOV64_IMM(0, progen_number(g)));
	g->ready |= 1;
}

#endif
