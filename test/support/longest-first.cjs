/**
 * The longest first, so that both of jest's workers end at the same time: on a fresh clone jest knows of no file how long it
 * takes, and began the longest of all when everything else was done. The simulation is before them: it is processor time and
 * nothing else, and leaves the process as it was. All others come as jest would have them.
 */
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that took a minute or more on two cores, the longest first but for the simulation. */
const longest = [
  ...['simulation/other-half', 'simulation/simulation', 'simulation/faults', 'repository/release'],
  ...['e2e/chaos', 'e2e/canary', 'warehouse/bigquery-warehouse', 'e2e/rehearse', 'e2e/several-workers'],
  ...[
    'e2e/backup',
    'e2e/what-if',
    'integration/builds-bigquery',
    'page/page',
    'e2e/injection',
    'e2e/gateway-kill',
  ],
  ...['e2e/process-starts', 'e2e/cli', 'e2e/temporal-cloud', 'warehouse/bigquery-faults'],
  ...[
    'integration/bigquery',
    'integration/gateway',
    'integration/builds',
    'e2e/examples',
    'integration/plan',
  ],
  ...['e2e/gate', 'e2e/tutorials', 'e2e/flood', 'publishing/read-back', 'integration/sentinel'],
].map((name) => join(__dirname, '..', `${name}.test.ts`));

/** Its place in the list; behind it when it is not there. */
const rank = ({ path }) => (longest.includes(path) ? longest.indexOf(path) : longest.length);

module.exports = class extends Sequencer {
  sort(tests) {
    const gone = longest.filter((path) => !existsSync(path));
    if (gone.length > 0) throw new Error(`${__filename} names what is not there: ${gone.join(', ')}`);
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
