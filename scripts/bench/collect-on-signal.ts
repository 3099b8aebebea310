/**
 * Loaded into a process before its own script, with `--expose-gc`: collects its garbage when it is told to, by a signal that
 * means nothing to anybody else.
 */
process.on('SIGURG', () => globalThis.gc?.());
