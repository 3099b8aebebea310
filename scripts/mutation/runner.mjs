/**
 * Stryker's runner for mocha, which loads everything anew in the same process where a mutant takes it: tables, rules and what
 * tests compute before they begin are made while modules load. A new process for each would take ten times as long.
 */
import { createRequire } from 'node:module';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { createMochaTestRunner, strykerValidationSchema } from '@stryker-mutator/mocha-runner';

const { cache } = createRequire(import.meta.url);

function createRunner(injector) {
  const runner = createMochaTestRunner(injector);
  const mutantRun = runner.mutantRun.bind(runner);
  return Object.assign(runner, {
    capabilities: async () => ({ reloadEnvironment: true }),
    async mutantRun(options) {
      if (options.reloadEnvironment) {
        for (const path of Object.keys(cache)) if (path.startsWith(process.cwd())) delete cache[path];
        await runner.dispose();
        await runner.init();
        runner.loadedEnv = false;
      }
      return mutantRun(options);
    },
  });
}
createRunner.inject = createMochaTestRunner.inject;

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'reloading-mocha', createRunner)];
export { strykerValidationSchema };
