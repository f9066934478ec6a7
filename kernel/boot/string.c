/*
 * The loader's memory functions are the CPU driver's, compiled for the loader.
 */
#include "core/string.c" /* NOLINT(bugprone-suspicious-include): one text, two programs with other code models */
