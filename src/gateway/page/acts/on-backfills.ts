/** Pause, resume, slow down and cancel: what is done with a backfill that goes on. */
import type { BackfillView } from '../../../client';
import { isBackfillDone } from '../../../contracts/backfill';
import { refuseSteer, steer } from '../../../explain/steering';
import { requireConcurrency } from '../../../requests/validate-request';
import type { SteerName } from '../../schemas';
import { html, type Content } from '../html';
import { field, input, noReasonYet, type Act, type Chosen, type Foreseen } from './act';

/** By whom and under which id nothing was decided yet. */
const dryRun = { steerId: 'dry-run', reason: noReasonYet };

/** What a decision would come to, by the rules and in the words of the backfill itself. */
function foresee({ progress }: BackfillView, by: string, chosen: Chosen<SteerName>): Foreseen {
  if (!progress) return { refusal: 'No worker says how far the backfill is: try again when one runs.' };
  const request = { ...dryRun, ...chosen.body, by, what: chosen.name };
  const why = refuseSteer(progress, request);
  if (why !== null) return { refusal: `The backfill would not take the decision: ${why}.` };
  const { summary } = steer(structuredClone(progress), request, '');
  const left = progress.total - Object.keys(progress.replies).length - Object.keys(progress.asked).length;
  const further = `${left} of ${progress.total} dates were not asked yet.`;
  return {
    refusal: null,
    shown: html`<p>${summary}.</p>
      <p>${further}</p>`,
    // How far it is moves all the time, and is no reason to ask again.
    basis: [progress.paused?.steerId, progress.cancelled?.steerId, progress.concurrency],
  };
}

function plainAct(
  name: Exclude<SteerName, 'set'>,
  title: string,
  about: string,
  isOffered: (view: BackfillView) => boolean,
): Act<BackfillView, SteerName> {
  return {
    ...{ name, title, about, needsReason: true, isOffered },
    fields: async (): Promise<Content> => null,
    chosen: () => ({ name, body: {} }),
    foresee: async ({ view, by }, chosen) => foresee(view, by, chosen),
  };
}

/** Whether it still takes decisions. Where no worker says how far it is, none can be foreseen. */
function goesOn({ status, progress }: BackfillView): boolean {
  return status === 'RUNNING' && progress !== null && !progress.cancelled && !isBackfillDone(progress);
}

const pause = plainAct(
  'pause',
  'Pause',
  'Asks no further date for now; dates under way go on to their end.',
  (view) => goesOn(view) && !view.progress?.paused,
);

const resume = plainAct(
  'resume',
  'Resume',
  'Goes on with the dates that were not asked yet.',
  (view) => goesOn(view) && view.progress?.paused != null,
);

const cancel = plainAct(
  'cancel',
  'Cancel the backfill',
  'Asks no further date and ends; what is published stays.',
  goesOn,
);

const set: Act<BackfillView, SteerName> = {
  ...{ name: 'set', title: 'Set how many dates run at once', needsReason: true, isOffered: goesOn },
  about: 'Makes it slower or faster from now on.',
  fields: async ({ view }, form) =>
    input(
      'concurrency',
      'Dates at once',
      field(form, 'concurrency') ?? String(view.progress?.concurrency ?? ''),
      'a whole number from 1; more than a few make the warehouse slower for everybody',
      true,
    ),
  chosen: (_context, form) => ({
    name: 'set',
    body: { concurrency: requireConcurrency(field(form, 'concurrency') ?? '', 'concurrency') },
  }),
  foresee: async ({ view, by }, chosen) => foresee(view, by, chosen),
};

export const backfillActs: readonly Act<BackfillView, SteerName>[] = [pause, resume, set, cancel];
