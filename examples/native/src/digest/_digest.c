#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <sodium.h>

static PyObject *digest(PyObject *module, PyObject *argument)
{
    unsigned char hash[32];
    char text[2 * sizeof hash + 1];
    char *data;
    Py_ssize_t length;

    (void)module;
    if (PyBytes_AsStringAndSize(argument, &data, &length) < 0)
        return NULL;
    crypto_generichash(hash, sizeof hash, (unsigned char *)data, (unsigned long long)length, NULL, 0);
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    return PyUnicode_FromString(text);
}

static PyMethodDef functions[] = {
    {"digest", digest, METH_O, "The BLAKE2b hash of bytes, as hex digits."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_digest", .m_size = 0, .m_methods = functions,
};

PyMODINIT_FUNC PyInit__digest(void)
{
    if (sodium_init() < 0) {
        PyErr_SetString(PyExc_ImportError, "libsodium cannot be started");
        return NULL;
    }
    return PyModule_Create(&definition);
}
