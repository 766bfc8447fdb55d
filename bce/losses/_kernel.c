/* The fast engine: loss, gradient and sigmoid of logits in one pass over plain arrays.
 *
 * It computes what `_formulas.py` says, and steps aside (returns None) on anything unusual: a label outside [0, 1],
 * NaN, infinity, an overflow, an array that is not contiguous or of another type. Then the reference decides.
 * Only Python's limited interface and its buffers are used, so that one build serves all versions from 3.11 on.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef __GNUC__
#error "needs GCC or Clang; without the kernel the package computes with NumPy"
#endif

#define INLINE static inline __attribute__((always_inline))
#define EACH for (int k = 0; k < PARTS; k++)
#define COPY_NUMBERS(type) \
    for (int i = 0; i < length; i++) target[i] = ((const type *)o->data)[from + i]; \
    break
#define COPY_LABELS(type) \
    { \
        type bits = 0; \
        for (int i = 0; i < length; i++) { \
            type label = ((const type *)o->data)[from + i]; \
            target[i] = label == 1; \
            bits |= label; \
        } \
        all |= bits; \
        break; \
    }

enum { PARTS = 4, BLOCK = 512, THREADED = 4096 };
enum { LOSS, GRADIENT, BOTH };  /* what a caller asks for */
enum { ADD = 1, LOSSES = 2, GRADIENTS = 4 }; /* what a block is asked for */

/* A running sum that keeps what each addition rounds away (Neumaier, 1974). */
typedef struct {
    double sum, lost;
} Sum;

INLINE void sum_add(Sum *s, double term)
{
    double total = s->sum + term;
    s->lost += fabs(s->sum) >= fabs(term) ? (s->sum - total) + term : (term - total) + s->sum;
    s->sum = total;
}

/* An argument: an array whose elements repeat after `period` of them, or a number. The kind of an element is d, f, or
 * the size of an integer. */
typedef struct {
    Py_buffer view;
    const void *data;
    double number;
    Py_ssize_t period;
    int kind, held;
} Operand;

typedef struct {
    Operand x, labels, weight, pos_weight, out;
    Py_ssize_t size;
    double smoothing, divisor;
    int what, weighted;
} Task;

#define TARGET
#define DOUBLE 1
#define NAME(x) x##_double
#include "_kernel_real.h"
#define DOUBLE 0
#define NAME(x) x##_float
#include "_kernel_real.h"

/* The same once more with wider vectors, for the processors that have them. */
#ifdef __x86_64__
#undef TARGET
#define TARGET __attribute__((target("avx2,fma")))
#define DOUBLE 1
#define NAME(x) x##_double_avx2
#include "_kernel_real.h"
#define DOUBLE 0
#define NAME(x) x##_float_avx2
#include "_kernel_real.h"
#define WIDE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#else
#define WIDE 0
#define walk_double_avx2 walk_double
#define walk_float_avx2 walk_float
#endif

/* NumPy's: the type of arrays, and none that is derived from it, the function that makes them, and of both types the
 * description and 0. */
static PyTypeObject *array_type;
static PyObject *empty, *dtypes[2], *zeros[2];

/* Tells whether an array's shape is the end of the logits' shape. */
static int repeats(const Py_buffer *view, const Py_buffer *x)
{
    if (view->ndim > x->ndim) return 0;
    for (int i = 1; i <= view->ndim; i++)
        if (view->shape[view->ndim - i] != x->shape[x->ndim - i]) return 0;
    return 1;
}

/* Takes an argument: numbers of the logits' type, hard labels of any integer type, or a single number. */
static int take(Operand *o, PyObject *value, const Operand *x, int flags)
{
    if (x && (value == Py_None || PyFloat_CheckExact(value) || PyLong_CheckExact(value))) {
        o->number = value == Py_None ? 1 : PyFloat_AsDouble(value);
        if (o->number == -1) PyErr_Clear();
        o->data = &o->number;
        o->period = 1;
        o->kind = 'd';
        return 1;
    }
    if (Py_TYPE(value) != array_type) return 0;
    if (PyObject_GetBuffer(value, &o->view, flags | PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) {
        PyErr_Clear();
        return 0;
    }
    o->held = 1;
    o->data = o->view.buf;
    o->kind = o->view.format[0];
    o->period = o->view.len / o->view.itemsize;
    if (!o->period || o->view.format[1] || (uintptr_t)o->data % o->view.itemsize) return 0;
    if (!x) return o->kind == 'd' || o->kind == 'f';
    if (!repeats(&o->view, &x->view)) return 0;
    if (o->kind == x->kind) return 1;
    if (!o->kind || !strchr("?bBhHiIlLqQ", o->kind)) return 0;
    o->kind = (int)o->view.itemsize;
    return 1;
}

static int same_memory_or_apart(const Operand *out, const Operand *other)
{
    if (!other->held) return 1;
    const char *a = out->view.buf, *b = other->view.buf;
    return a + out->view.len <= b || b + other->view.len <= a || (a == b && out->view.len == other->view.len);
}

static int is_one(const Operand *o)
{
    return !o->held && o->number == 1;
}

/* Runs a task. Returns whether everything was usual: also sum and mean are numbers of the logits' type. */
static int run(const Task *task, Sum *sum)
{
    /* Only a plain sum of floats is not worth the double precision, which costs twice the time. */
    int wide = WIDE, usual;
    if (task->x.kind == 'd' || task->weighted || !(task->what & ADD))
        usual = wide ? walk_double_avx2(task, sum) : walk_double(task, sum);
    else
        usual = wide ? walk_float_avx2(task, sum) : walk_float(task, sum);
    double total = sum->sum + sum->lost, largest = task->x.kind == 'd' ? DBL_MAX : FLT_MAX;
    return usual && total <= largest && total / task->divisor <= largest;
}

/* Takes a number >= low. Returns -1 for anything else. */
static double take_number(PyObject *value, double low)
{
    if (!PyFloat_CheckExact(value) && !PyLong_CheckExact(value)) return -1;
    double number = PyFloat_AsDouble(value);
    if (PyErr_Occurred()) PyErr_Clear();
    return number >= low ? number : -1;
}

enum { OPERATION, LOGITS, LABELS, WEIGHT, POS_WEIGHT, SMOOTHING, BASE, REDUCTION, AXIS, WHERE, OUT, ARGUMENTS };

static int is_word(PyObject *value, const char *word)
{
    return PyUnicode_Check(value) && PyUnicode_CompareWithASCIIString(value, word) == 0;
}

/* Makes a NumPy scalar of the logits' type; to add 0 is quicker than to convert. */
static PyObject *scalar(int kind, double value)
{
    PyObject *number = PyFloat_FromDouble(value);
    PyObject *result = number ? PyNumber_Add(zeros[kind == 'f'], number) : NULL;
    Py_XDECREF(number);
    return result;
}

/* Says in the task what is to be computed, of what. Returns whether all of it is usual. */
static int plan(Task *task, PyObject *const *given)
{
    long operation = PyLong_AsLong(given[OPERATION]);
    int mean = is_word(given[REDUCTION], "mean"), each = is_word(given[REDUCTION], "none");
    task->what = operation == LOSS ? (each ? LOSSES : ADD) : operation == GRADIENT ? GRADIENTS : ADD | GRADIENTS;
    task->smoothing = take_number(given[SMOOTHING], 0);
    double base = given[BASE] == Py_None ? 0 : take_number(given[BASE], 1);
    if (!(mean || each || is_word(given[REDUCTION], "sum")) || (each && operation == BOTH)) return 0;
    if (given[AXIS] != Py_None || given[WHERE] != Py_None || (task->what == ADD && given[OUT] != Py_None)) return 0;
    if (!(task->smoothing >= 0 && task->smoothing <= 1 && (base == 0 || (base > 1 && base <= DBL_MAX)))) return 0;
    if (!(take(&task->x, given[LOGITS], NULL, 0) && take(&task->labels, given[LABELS], &task->x, 0)
            && take(&task->weight, given[WEIGHT], &task->x, 0) && take(&task->pos_weight, given[POS_WEIGHT], &task->x, 0)
            && task->weight.kind >= 'd' && task->pos_weight.kind >= 'd'))
        return 0;
    if (task->what != ADD && task->x.view.ndim == 0) return 0; /* the result is a scalar, not an array */
    task->size = task->x.period;
    task->divisor = (mean ? (double)task->size : 1) * (base ? log(base) : 1);
    task->weighted = task->smoothing != 0 || !is_one(&task->weight) || !is_one(&task->pos_weight);
    return 1;
}

/* Makes an array like the logits. */
static PyObject *room(const Operand *x)
{
    PyObject *shape = PyTuple_New(x->view.ndim), *array = NULL;
    for (int i = 0; shape && i < x->view.ndim; i++) PyTuple_SetItem(shape, i, PyLong_FromSsize_t(x->view.shape[i]));
    if (shape && !PyErr_Occurred()) array = PyObject_CallFunctionObjArgs(empty, shape, dtypes[x->kind == 'f'], NULL);
    Py_XDECREF(shape);
    return array;
}

/* Takes the array for the results, or makes it. */
static PyObject *take_out(Task *task, PyObject *out)
{
    if (out == Py_None) out = room(&task->x);
    else Py_INCREF(out);
    if (out && take(&task->out, out, &task->x, PyBUF_WRITABLE) && task->out.kind == task->x.kind
        && task->out.period == task->size && same_memory_or_apart(&task->out, &task->x)
        && same_memory_or_apart(&task->out, &task->labels) && same_memory_or_apart(&task->out, &task->weight)
        && same_memory_or_apart(&task->out, &task->pos_weight))
        return out;
    Py_XDECREF(out);
    return NULL;
}

/* Runs a task and lets other threads go on meanwhile; first without writing, if there is something to lose. */
static int run_freely(Task *task, int careful, Sum *sum)
{
    int usual = 1, what = task->what;
    PyThreadState *state = task->size >= THREADED ? PyEval_SaveThread() : NULL;
    if (careful) {
        task->what = ADD;
        usual = run(task, &(Sum){0, 0});
        task->what = what;
    }
    usual = usual && run(task, sum);
    if (state) PyEval_RestoreThread(state);
    return usual;
}

PyDoc_STRVAR(evaluate_doc,
    "evaluate(operation, logits, labels, weight, pos_weight, smoothing, base, reduction, axis, where, out)\n\n"
    "Return the loss (operation 0), the gradient (1) or both (2) as the public functions do, or None on anything unusual.\n"
    "Nothing is written to `out` before all arguments are known to be usual.");

static PyObject *evaluate(PyObject *module, PyObject *const *given, Py_ssize_t count)
{
    if (count != ARGUMENTS) return PyErr_Format(PyExc_TypeError, "evaluate takes %d arguments", ARGUMENTS);
    Task task = {0};
    Sum sum = {0, 0};
    PyObject *results = NULL, *total = NULL;
    int usual = plan(&task, given);
    if (usual && task.what != ADD) usual = (results = take_out(&task, given[OUT])) != NULL;
    usual = usual && run_freely(&task, results == given[OUT], &sum);
    if (usual && (task.what & ADD)) total = scalar(task.x.kind, (sum.sum + sum.lost) / task.divisor);
    Operand *operands[] = {&task.x, &task.labels, &task.weight, &task.pos_weight, &task.out};
    for (int i = 0; i < 5; i++)
        if (operands[i]->held) PyBuffer_Release(&operands[i]->view);
    if (usual) return task.what == ADD ? total : task.what & ADD ? Py_BuildValue("(NN)", total, results) : results;
    Py_XDECREF(results);
    PyErr_Clear();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(expect_doc, "expect(ndarray, empty, dtypes, zeros)\n\nSay what NumPy calls them; the last two are pairs.");

static PyObject *expect(PyObject *module, PyObject *given)
{
    if (!PyArg_ParseTuple(given, "OO(OO)(OO)", &array_type, &empty, &dtypes[0], &dtypes[1], &zeros[0], &zeros[1]))
        return NULL;
    Py_INCREF(given); /* for as long as the process lives */
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"expect", expect, METH_VARARGS, expect_doc},
    {"evaluate", (PyCFunction)(void (*)(void))evaluate, METH_FASTCALL, evaluate_doc},
    {NULL, NULL, 0, NULL},
};

static int execute(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "interface", 2) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "instructions", WIDE ? "AVX2" : "the processor's basic instructions");
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "The compiled engine of the losses.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    return PyModuleDef_Init(&definition);
}
