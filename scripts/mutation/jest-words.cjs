/**
 * Gives mocha the words that our tests take from jest. Mocha keeps all modules loaded between two mutants; jest would load them
 * anew for each, which takes a hundred times as long as the tests that see it.
 */
require('../run-typescript.cjs');
const { expect } = require('expect');
const { bind } = require('jest-each');
const { interfaces } = require('mocha');

const { bdd } = interfaces;

interfaces.bdd = (suite) => {
  bdd(suite);
  suite.on('pre-require', (context) => {
    const { describe, it, before, after } = context;
    describe.each = bind(describe, false);
    it.each = bind(it);
    // `jest.setTimeout` is for tests with servers, and those are not run here.
    Object.assign(context, {
      test: it,
      beforeAll: before,
      afterAll: after,
      expect,
      jest: { setTimeout() {} },
    });
  });
};
