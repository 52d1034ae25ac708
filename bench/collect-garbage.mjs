// For `--import` with `--expose-gc`: the process collects its garbage when it gets SIGUSR2, so that what is left is in use.
process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
});
