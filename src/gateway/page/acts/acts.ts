/** Everything that is decided on a page, in the order in which it is offered. */
import type { Act } from './act';
import { bypass } from './bypass';
import { release } from './games';
import { cancel, extend, recheck, rerun } from './on-runs';
import { restore, unpin } from './restore';

export const acts: readonly Act[] = [recheck, bypass, extend, release, rerun, restore, unpin, cancel];
