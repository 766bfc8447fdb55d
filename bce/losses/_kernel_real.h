/* The formulas on blocks of numbers of one type, for one set of instructions; `_kernel.c` includes this for each.
 *
 * Numbers are computed LANES at once: PARTS vectors V, whose operations stand side by side, so that the processor need
 * not wait for one result before it starts on the next. A comparison gives a mask M, all bits set where it is true.
 */

#if DOUBLE
#define REAL double
#define INTEGER int64_t
#define KIND 'd'
#define LARGEST 1.7976931348623157e308
#define MAGIC 6755399441055744.0 /* adding 1.5 times 2^52 rounds to a whole number, which stands in the lowest bits */
#define BIAS 1023                /* of the exponent, whose lowest bit is that of 2^SHIFT */
#define SHIFT 52
#define DEEPEST 746.0 /* beyond it e^-a is 0 */
#define LN2_HIGH 0.6931471804855391 /* so few bits that its products with exponents are exact */
#define LN2_LOW 7.440617110012397e-11
/* Of the polynomials (e^r - 1 - r) / r^2 and, in s^2, (2 atanh s - 2 s) / s^3; the highest first. */
#define EXP_COEFFICIENTS \
    2.0914686968086876e-09, 2.5105217004720745e-08, 2.75572736431103e-07, 2.7557255400206422e-06, \
    2.4801587325547743e-05, 0.00019841269874820627, 0.0013888888888883748, 0.008333333333326136, \
    0.04166666666666667, 0.1666666666666667, 0.5
#define LOG_COEFFICIENTS \
    0.1461916613488797, 0.1533150161114533, 0.18182895750119193, 0.22222211043776857, 0.2857142862653362, \
    0.3999999999989827, 0.666666666666667
#else
#define REAL float
#define INTEGER int32_t
#define KIND 'f'
#define LARGEST 3.40282347e38f
#define MAGIC 12582912.0f
#define BIAS 127
#define SHIFT 23
#define DEEPEST 104.5f
#define LN2_HIGH 0.693145751953125f
#define LN2_LOW 1.4286068e-06f
#define EXP_COEFFICIENTS 0.000198909911f, 0.00139336498f, 0.00833331048f, 0.0416664667f, 0.166666672f, 0.5f
#endif

typedef REAL NAME(V) __attribute__((vector_size(32)));
typedef INTEGER NAME(M) __attribute__((vector_size(32)));
typedef REAL NAME(Unaligned) __attribute__((vector_size(32), aligned(sizeof(REAL)), may_alias));
#define V NAME(V)
#define M NAME(M)
#define VECTOR (int)(sizeof(V) / sizeof(REAL))
#define LANES (PARTS * VECTOR)
#define LOAD(from) (*(const NAME(Unaligned) *)((from) + i + k * VECTOR))
#define STORE(to, value) (*(NAME(Unaligned) *)((to) + i + k * VECTOR) = (value))
#define SELECT(mask, yes, no) ((V)(((M)(yes) & (mask)) | ((M)(no) & ~(mask))))
#define TWO_TO(n) ((V)((M)((n) + (MAGIC + BIAS)) << SHIFT)) /* for whole numbers n, which MAGIC has in the lowest bits */

/* e = e^-a for a >= 0: 2^n e^r with |r| <= log(2) / 2, and 2^n in two steps, for the result may be subnormal. */
INLINE TARGET void NAME(exp_minus)(const V *a, V *e)
{
    static const REAL coefficients[] = {EXP_COEFFICIENTS};
    V n[PARTS], r[PARTS], p[PARTS];
    EACH n[k] = (MAGIC - a[k] * (REAL)1.4426950408889634) - MAGIC;
    EACH r[k] = (-a[k] - n[k] * LN2_HIGH) - n[k] * LN2_LOW;
    EACH p[k] = r[k] * coefficients[0] + coefficients[1];
    for (size_t c = 2; c < sizeof coefficients / sizeof(REAL); c++) EACH p[k] = p[k] * r[k] + coefficients[c];
    EACH p[k] = 1 + (r[k] + r[k] * r[k] * p[k]);
    EACH r[k] = (n[k] * (REAL)0.5 + MAGIC) - MAGIC;
    EACH n[k] = TWO_TO(n[k] - r[k]);
    EACH p[k] = p[k] * TWO_TO(r[k]) * n[k];
    EACH e[k] = (V)((M)p[k] & (a[k] < DEEPEST));
}

#if DOUBLE
/* log(1 + e) for 0 <= e <= 1: j log(2) + log(1 + f) with f between 1/sqrt(2) - 1 and sqrt(2) - 1, and
 * log(1 + f) = 2 atanh(s) for s = f / (2 + f), as f - f^2/2 + s (f^2/2 + s^2 R(s^2)), whose first terms hardly round. */
INLINE TARGET void NAME(log1p)(const V *e, V *result)
{
    static const REAL coefficients[] = {LOG_COEFFICIENTS};
    V f[PARTS], s[PARTS], w[PARTS], p[PARTS], j[PARTS];
    EACH {
        M above = e[k] > (REAL)0.41421356237309503;
        j[k] = (V)((M)((V){} + 1) & above);
        f[k] = SELECT(above, (e[k] - 1) * (REAL)0.5, e[k]);
    }
    EACH s[k] = f[k] / (2 + f[k]);
    EACH w[k] = s[k] * s[k];
    EACH p[k] = w[k] * coefficients[0] + coefficients[1];
    for (size_t c = 2; c < sizeof coefficients / sizeof(REAL); c++) EACH p[k] = p[k] * w[k] + coefficients[c];
    EACH {
        V half = f[k] * f[k] * (REAL)0.5;
        V rest = s[k] * (half + w[k] * p[k]);
        result[k] = j[k] * LN2_HIGH + (f[k] - (half - (rest + j[k] * LN2_LOW)));
    }
}
#endif

/* What a block is made of: logits, the weights y and n of the labels 1 and 0, their sum c, and the element's weight.
 * In a plain block y is the label, n is 1 - y, and c and w are 1. */
typedef struct {
    const REAL *x, *y, *n, *c, *w;
} NAME(Block);

/* One block of `count` elements, a multiple of LANES and at most BLOCK. Writes losses and gradients, adds up losses.
 * Returns whether an element is unusual. The first two arguments are constants where this is inlined. */
INLINE TARGET int NAME(block)(int plain, int what, NAME(Block) b, int count, REAL *losses, REAL *gradients, Sum *sum)
{
    V linear[PARTS] = {}, product[PARTS] = {};
    M unusual = {};
    for (int i = 0; i < count; i += LANES) {
        V x[PARTS], y[PARTS], a[PARTS], d[PARTS], e[PARTS], c[PARTS], w[PARTS];
        M up[PARTS];
        EACH x[k] = LOAD(b.x), y[k] = LOAD(b.y);
        EACH up[k] = x[k] >= 0, a[k] = SELECT(up[k], x[k], -x[k]);
        NAME(exp_minus)(a, e);
        EACH d[k] = plain ? (V)((M)((V){} + 1) & up[k]) - y[k] : SELECT(up[k], LOAD(b.n), -y[k]);
        EACH unusual |= ~((a[k] <= LARGEST) & (y[k] >= 0) & (y[k] <= (plain ? 1 : LARGEST)));
        if (!plain) EACH c[k] = LOAD(b.c), w[k] = LOAD(b.w);
        if ((what & ADD) && plain) { /* gathered-logarithms: 1 + product is the product of all 1 + e */
            EACH linear[k] += d[k] * x[k];
            EACH product[k] += product[k] * e[k] + e[k];
        }
#if DOUBLE
        if (what & LOSSES) {
            V loss[PARTS];
            NAME(log1p)(e, loss);
            EACH loss[k] = d[k] * x[k] + (plain ? loss[k] : c[k] * loss[k]);
            if (!plain) EACH loss[k] *= w[k], unusual |= ~(loss[k] <= LARGEST);
            if (!plain && (what & ADD)) EACH linear[k] += loss[k];
            EACH STORE(losses, loss[k]);
        }
#endif
        if (what & GRADIENTS) {
            V t[PARTS];
            EACH t[k] = e[k] / (1 + e[k]);
            EACH t[k] = e[k] - e[k] * t[k]; /* smaller-probability */
            if (!plain) EACH t[k] *= c[k];
            EACH t[k] = d[k] - SELECT(up[k], t[k], -t[k]);
            EACH STORE(gradients, plain ? t[k] : w[k] * t[k]);
        }
    }
    INTEGER bad = 0;
    for (int j = 0; j < VECTOR; j++) bad |= unusual[j];
    if (what & ADD) {
        double terms[LANES], products[LANES];
        for (int j = 0; j < LANES; j++) {
            terms[j] = linear[j / VECTOR][j % VECTOR];
            products[j] = product[j / VECTOR][j % VECTOR];
        }
        for (int k = LANES / 2; k; k /= 2)
            for (int j = 0; j < k; j++) {
                terms[j] += terms[j + k];
                products[j] += products[j] * products[j + k] + products[j + k];
            }
        sum_add(sum, terms[0]);
        if (plain) sum_add(sum, log1p(products[0]));
    }
    return bad != 0;
}

#define VARIANT(name, plain, what) \
    TARGET static int NAME(name)(NAME(Block) b, int count, REAL *losses, REAL *gradients, Sum *sum) \
    { \
        return NAME(block)(plain, what, b, count, losses, gradients, sum); \
    }
VARIANT(sum, 1, ADD)
VARIANT(sum_and_gradient, 1, ADD | GRADIENTS)
#if DOUBLE
VARIANT(loss, 1, LOSSES)
VARIANT(gradient, 1, GRADIENTS)
VARIANT(weighted, 0, ADD | LOSSES | GRADIENTS)
#endif

/* Copies elements of an argument. Returns whether an integer among them is no hard label. */
TARGET static int NAME(load)(const Operand *o, Py_ssize_t start, int count, REAL *to)
{
    if (o->period == 1 && count > 1) {
        int wrong = NAME(load)(o, 0, 1, to);
        for (int i = 1; i < count; i++) to[i] = to[0];
        return wrong;
    }
    uint64_t all = 0;
    for (int done = 0, length; done < count; done += length) {
        Py_ssize_t from = (start + done) % o->period;
        length = o->period - from < count - done ? (int)(o->period - from) : count - done;
        REAL *target = to + done;
        switch (o->kind) {
        case 'd': COPY_NUMBERS(double);
        case 'f': COPY_NUMBERS(float);
        case 1: COPY_LABELS(uint8_t)
        case 2: COPY_LABELS(uint16_t)
        case 4: COPY_LABELS(uint32_t)
        case 8: COPY_LABELS(uint64_t)
        }
    }
    return all > 1;
}

/* Walks over the blocks. Returns whether everything was usual; what is in `out` counts for nothing if not. */
TARGET static int NAME(walk)(const Task *task, Sum *sum)
{
    REAL x[BLOCK], y[BLOCK], n[BLOCK], c[BLOCK], w[BLOCK], own[BLOCK], spare[BLOCK];
    REAL divisor = (REAL)task->divisor, smoothing = (REAL)task->smoothing;
    int (*run)(NAME(Block), int, REAL *, REAL *, Sum *) = task->what == ADD ? NAME(sum) : NAME(sum_and_gradient);
#if DOUBLE
    if (task->weighted) run = NAME(weighted);
    else if (task->what == LOSSES) run = NAME(loss);
    else if (task->what == GRADIENTS) run = NAME(gradient);
#endif
    for (Py_ssize_t start = 0; start < task->size; start += BLOCK) {
        int count = task->size - start < BLOCK ? (int)(task->size - start) : BLOCK, padded = count;
        int whole = count % LANES == 0, direct = whole && task->out.kind == KIND && task->divisor == 1;
        REAL *results = direct ? (REAL *)task->out.view.buf + start : own;
        REAL *losses = task->what == LOSSES ? results : spare, *gradients = task->what == LOSSES ? spare : results;
        NAME(Block) block = {x, y, n, c, w};
        for (; padded % LANES; padded++) { /* a sure and right prediction more costs nothing */
            x[padded] = DEEPEST;
            y[padded] = c[padded] = w[padded] = 1;
            n[padded] = 0;
        }
        if (whole && task->x.kind == KIND)
            block.x = (const REAL *)task->x.view.buf + start;
        else
            NAME(load)(&task->x, start, count, x);
        if (whole && task->labels.kind == KIND && task->labels.period == task->size && !task->weighted)
            block.y = (const REAL *)task->labels.view.buf + start;
        else if (NAME(load)(&task->labels, start, count, y))
            return 0;
        if (task->weighted) {
            NAME(load)(&task->pos_weight, start, count, c);
            NAME(load)(&task->weight, start, count, w);
            int usual = 1;
            for (int i = 0; i < count; i++) {
                REAL z = y[i], p = c[i];
                usual &= (z >= 0) & (z <= 1) & (p >= 0) & (p <= LARGEST) & (w[i] >= 0) & (w[i] <= LARGEST);
                n[i] = (1 - z) * (1 - smoothing) + smoothing / 2;
                y[i] = p * (z * (1 - smoothing) + smoothing / 2);
                c[i] = p == 1 ? 1 : y[i] + n[i];
            }
            if (!usual) return 0;
        }
        if (run(block, padded, losses, gradients, sum)) return 0;
        if (task->what == ADD || direct) continue;
        if (task->out.kind == 'd')
            for (int i = 0; i < count; i++) ((double *)task->out.view.buf)[start + i] = results[i] / divisor;
        else
            for (int i = 0; i < count; i++) ((float *)task->out.view.buf)[start + i] = (float)(results[i] / divisor);
    }
    return 1;
}

#undef REAL
#undef INTEGER
#undef LARGEST
#undef MAGIC
#undef BIAS
#undef SHIFT
#undef DEEPEST
#undef LN2_HIGH
#undef LN2_LOW
#undef EXP_COEFFICIENTS
#undef LOG_COEFFICIENTS
#undef V
#undef M
#undef VECTOR
#undef LANES
#undef LOAD
#undef STORE
#undef SELECT
#undef TWO_TO
#undef VARIANT
#undef KIND
#undef DOUBLE
#undef NAME
