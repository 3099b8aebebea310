/** Phase3Client: the typed way to ask for work and to hear what came of it. Its parts are in `client/`. */
import type { Client } from '@temporalio/client';
import { Backfills } from './client/backfills';
import { Decisions } from './client/decisions';
import { Deployment } from './client/deployment';
import { Follower } from './client/follow';
import { Looks } from './client/looks';
import { Requests } from './client/requests';
import { identityOf, type Identity } from './contracts/identity';

export { BusyError, FailedError, NotOpenError, NoWorkerError, reasonOf, RefusedError } from './client/errors';
export type { BackfillView, ListedBackfill } from './contracts/backfill';
export type { RunProgress } from './client/follow';
export { lostRuns } from './client/lost-runs';
export type { EndedRun, LastRun, OpenDate, RecentDate } from './client/looks';
export type { AcceptedRun, RunRequest } from './client/requests';
export { RunEnd } from './client/run-end';

/** One deployment's dates. Each method is that of a part, which says what it does and throws. */
export class Phase3Client {
  private readonly requests: Requests;
  private readonly decisions: Decisions;
  private readonly backfills: Backfills;
  private readonly looks: Looks;
  private readonly follower: Follower;

  constructor(
    client: Client,
    /** "Now" for what judges the future: `PHASE3_NOW` sets it. */
    now: () => Date = () => new Date(),
    /** Told when a worker that should answer does not. */
    onSilence: (sentence: string) => void = () => undefined,
    /** Of the deployment that is asked. */
    identity: Identity = identityOf(null),
  ) {
    const at = new Deployment(client, identity, now, onSilence);
    this.requests = new Requests(at);
    this.decisions = new Decisions(at);
    this.backfills = new Backfills(at);
    this.looks = new Looks(at);
    this.follower = new Follower(at, this.looks);
  }

  /** Sends a trigger for a date. */
  run(...given: Parameters<Requests['run']>): ReturnType<Requests['run']> {
    return this.requests.run(...given);
  }

  /** The message that {@link run} sends. */
  messageOf(...given: Parameters<Requests['messageOf']>): ReturnType<Requests['messageOf']> {
    return this.requests.messageOf(...given);
  }

  /** Sends messages of one date in one signal. */
  sendTogether(...given: Parameters<Requests['sendTogether']>): ReturnType<Requests['sendTogether']> {
    return this.requests.sendTogether(...given);
  }

  /** Sends a rerun, which goes into the audit. */
  rerun(...given: Parameters<Requests['rerun']>): ReturnType<Requests['rerun']> {
    return this.requests.rerun(...given);
  }

  /** Publishes kept versions again, and pins them. */
  restore(...given: Parameters<Requests['restore']>): ReturnType<Requests['restore']> {
    return this.requests.restore(...given);
  }

  /** Lifts pins. */
  unpin(...given: Parameters<Requests['unpin']>): ReturnType<Requests['unpin']> {
    return this.requests.unpin(...given);
  }

  /** Lets a game be published although it breaks rules, or leaves it as it is. */
  decideGame(...given: Parameters<Requests['decideGame']>): ReturnType<Requests['decideGame']> {
    return this.requests.decideGame(...given);
  }

  /** Makes a date look again, at once. */
  recheck(...given: Parameters<Decisions['recheck']>): ReturnType<Decisions['recheck']> {
    return this.decisions.recheck(...given);
  }

  /** Lets a processor run without inputs that are missing, once. */
  bypass(...given: Parameters<Decisions['bypass']>): ReturnType<Decisions['bypass']> {
    return this.decisions.bypass(...given);
  }

  /** Moves the deadline of a date that waits. */
  extend(...given: Parameters<Decisions['extend']>): ReturnType<Decisions['extend']> {
    return this.decisions.extend(...given);
  }

  /** Ends a date's run, whatever it is at. */
  cancel(...given: Parameters<Decisions['cancel']>): ReturnType<Decisions['cancel']> {
    return this.decisions.cancel(...given);
  }

  /** Starts a backfill of every date of a range. */
  backfill(...given: Parameters<Backfills['start']>): ReturnType<Backfills['start']> {
    return this.backfills.start(...given);
  }

  /** The id of a backfill's workflow. */
  backfillId(...given: Parameters<Backfills['idOf']>): ReturnType<Backfills['idOf']> {
    return this.backfills.idOf(...given);
  }

  /** Yields a backfill's progress until every date has answered. */
  followBackfill(...given: Parameters<Backfills['follow']>): ReturnType<Backfills['follow']> {
    return this.backfills.follow(...given);
  }

  /** Backfills that go on, and those that the server still knows. */
  listBackfills(...given: Parameters<Backfills['list']>): ReturnType<Backfills['list']> {
    return this.backfills.list(...given);
  }

  /** The backfill that is named by its id, or by the last part of it. */
  namedBackfill(...given: Parameters<Backfills['named']>): ReturnType<Backfills['named']> {
    return this.backfills.named(...given);
  }

  /** The backfill with this id; null where the server knows none. */
  knownBackfill(...given: Parameters<Backfills['known']>): ReturnType<Backfills['known']> {
    return this.backfills.known(...given);
  }

  /** A backfill with what it says of itself. */
  lookAtBackfill(...given: Parameters<Backfills['look']>): ReturnType<Backfills['look']> {
    return this.backfills.look(...given);
  }

  /** Pauses, resumes or cancels a backfill, or sets how many of its dates are under way at once. */
  steerBackfill(...given: Parameters<Backfills['steer']>): ReturnType<Backfills['steer']> {
    return this.backfills.steer(...given);
  }

  /** How far a backfill is, as it says itself. */
  backfillProgress(...given: Parameters<Backfills['progress']>): ReturnType<Backfills['progress']> {
    return this.backfills.progress(...given);
  }

  /** The id of the workflow that writes a date, and of its request in a backfill. */
  inBackfill(...given: Parameters<Backfills['requestOf']>): ReturnType<Backfills['requestOf']> {
    return this.backfills.requestOf(...given);
  }

  /** Yields the date's state until a request is answered. */
  follow(...given: Parameters<Follower['follow']>): ReturnType<Follower['follow']> {
    return this.follower.follow(...given);
  }

  /** Yields the state of a date's open run as it changes. */
  watch(...given: Parameters<Follower['watch']>): ReturnType<Follower['watch']> {
    return this.follower.watch(...given);
  }

  /** What Temporal's list says of a date: see {@link Looks.listed}. */
  listed(...given: Parameters<Looks['listed']>): ReturnType<Looks['listed']> {
    return this.looks.listed(...given);
  }

  /** The state of a date's newest run; null when Temporal knows none. */
  state(...given: Parameters<Looks['state']>): ReturnType<Looks['state']> {
    return this.looks.state(...given);
  }

  /** How a run stands for the requests with these ids. */
  outlook(...given: Parameters<Looks['outlook']>): ReturnType<Looks['outlook']> {
    return this.looks.outlook(...given);
  }

  /** The run that has what this one had: itself, or the last that it went on as. Of a run that nobody knows it throws `WorkflowNotFoundError`. */
  lastOf(...given: Parameters<Looks['lastOf']>): ReturnType<Looks['lastOf']> {
    return this.looks.lastOf(...given);
  }

  /** Resolves once a run has ended. */
  untilEnd(...given: Parameters<Looks['untilEnd']>): ReturnType<Looks['untilEnd']> {
    return this.looks.untilEnd(...given);
  }

  /** The newest run of a date and how far it is. */
  lastRun(...given: Parameters<Looks['lastRun']>): ReturnType<Looks['lastRun']> {
    return this.looks.lastRun(...given);
  }

  /** Runs of these dates that are not open any more, as far back as Temporal keeps them. */
  ended(...given: Parameters<Looks['ended']>): ReturnType<Looks['ended']> {
    return this.looks.ended(...given);
  }

  /** Dates whose run is open or has ended since an instant. */
  openOrEndedSince(...given: Parameters<Looks['openOrEndedSince']>): ReturnType<Looks['openOrEndedSince']> {
    return this.looks.openOrEndedSince(...given);
  }

  /** Dates whose run is open. */
  open(...given: Parameters<Looks['open']>): ReturnType<Looks['open']> {
    return this.looks.open(...given);
  }
}
