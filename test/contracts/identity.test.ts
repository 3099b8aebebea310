/** Names on a Temporal server: two deployments that share it must not meet. */
import { identityOf } from '../../src/contracts/identity';

const gameDate = '2017-04-15';

it('the names of the deployment without a prefix are those that recorded histories have', () => {
  const live = identityOf(null);
  expect(live.taskQueue).toBe('phase3');
  expect(live.dateWorkflowId(gameDate)).toBe('phase3/2017-04-15');
  expect(live.backfillWorkflowId(gameDate, gameDate, 'x')).toBe('phase3-backfill/2017-04-15/2017-04-15/x');
});

// A prefix that spells what another name is made of is the one that could collide.
it('no name of a deployment is one of another, whatever its prefix', () => {
  const prefixes = [null, 'shadow', 'backfill', 'shadow_backfill', 'backfill_2017', 'phase3', 'x'];
  const names = prefixes
    .map(identityOf)
    .flatMap((identity) => [
      `queue ${identity.taskQueue}`,
      ...['a', 'b'].map(
        (requestId) => `workflow ${identity.backfillWorkflowId(gameDate, gameDate, requestId)}`,
      ),
      `workflow ${identity.dateWorkflowId(gameDate)}`,
    ]);
  expect(new Set(names).size).toBe(names.length);
});
