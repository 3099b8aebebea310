/**
 * The simulation first, and everything else as jest would have it. It is the longest of the tests, and slower by far in a
 * process where others have left hooks on every promise.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const isSimulation = ({ path }) => path.includes('/test/simulation/');

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => Number(isSimulation(b)) - Number(isSimulation(a)));
  }
};
