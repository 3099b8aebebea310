/** Gives mocha the words that our tests take from jest, and TypeScript. Jest would load all modules anew for each mutant. */
const Module = require('node:module');
const { mock } = require('node:test');
require('../run-typescript.cjs');
const { expect } = require('expect');
const { bind } = require('jest-each');
const { interfaces } = require('mocha');

// Once translated, a file stays so: it is loaded for many mutants.
const translate = Module._extensions['.ts'];
const translated = new Map();
Module._extensions['.ts'] = (module, filename) => {
  const known = translated.get(filename);
  if (known !== undefined) return module._compile(known, filename);
  const compile = module._compile.bind(module);
  module._compile = (code) => {
    translated.set(filename, code);
    return compile(code, filename);
  };
  return translate(module, filename);
};

const { timers } = mock;
const jest = {
  // For tests with servers, and those are not run here.
  setTimeout() {},
  useFakeTimers: () => timers.enable({ apis: ['setTimeout'] }),
  useRealTimers: () => timers.reset(),
  async advanceTimersByTimeAsync(milliseconds) {
    await new Promise(setImmediate);
    timers.tick(milliseconds);
  },
};

const { bdd } = interfaces;

interfaces.bdd = (suite) => {
  bdd(suite);
  suite.on('pre-require', (context) => {
    const { describe, it, before, after } = context;
    describe.each = bind(describe, false);
    it.each = bind(it);
    Object.assign(context, {
      ...{ test: it, beforeAll: before, afterAll: after, expect, jest },
    });
  });
};
