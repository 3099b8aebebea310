/** `"dry_run": true`: what a decision would come to, table by table. Nothing is decided, written or sent. */
import { NotOpenError } from '../../client';
import type { ForeseenTable } from '../../control/protocol';
import { tryBypass } from '../../explain/decision-rules';
import type { Answer } from '../answers';
import { acceptMs, type GatewayParts } from '../parts';
import { refused } from '../refusals';
import type { Asked, Decision } from './decision';

/** What would come of a decision that has a dry run. Throws {@link NotOpenError} of a bypass of a date without an open run. */
export async function foreseen(parts: GatewayParts, decision: Decision, asked: Asked): Promise<Answer> {
  const { gameDate, by, named } = asked;
  const { records, overrides } = parts;
  const common = { game_date: gameDate, overrides, past_deadline: false };
  switch (decision.name) {
    case 'bypass':
      return foreseenBypass(parts, decision, asked);
    case 'restore': {
      if (!named.wanted) throw new Error('a restore was let through that names nothing');
      const { gameDate: _, ...preview } = await records.previewRestore({
        game_date: gameDate,
        ...named.wanted,
      });
      return preview.kind === 'refused' ? refused(`${gameDate}: ${preview.why}.`) : answer(gameDate, preview);
    }
    case 'unpin': {
      const unpin = { processors: [...(named.processors ?? [])], by, reason: decision.body.reason };
      return tablesOf(gameDate, await records.foresee({ ...common, unpin }));
    }
    case 'release':
    case 'discard':
    case 'estimate': {
      if (!named.game) throw new Error(`a ${decision.name} was let through that is about nothing`);
      const about = { kind: decision.name, by, ...named.game };
      return tablesOf(gameDate, await records.foresee({ ...common, decision: about }));
    }
    case 'rerun':
    case 'extend':
    case 'cancel':
    case 'recheck':
      throw new Error(`a ${decision.name} has no dry run`);
  }
}

async function foreseenBypass(
  { client, server, records, policy, overrides }: GatewayParts,
  { body }: Extract<Decision, { name: 'bypass' }>,
  { gameDate, by }: Asked,
): Promise<Answer> {
  const known = await server.within(acceptMs, () => client.state(gameDate));
  if (!known?.isOpen) throw new NotOpenError(`no run of ${gameDate} is open`);
  const { reason, processor, missing } = body;
  const request = {
    ...{ by, reason },
    ...(processor === undefined ? {} : { processor }),
    ...(missing ? { missing } : {}),
  };
  const found = tryBypass(known.state, request, policy, Date.now());
  if (!found.ok) return refused(`The bypass of ${gameDate} is refused: ${found.why}.`);
  const bypass = found.passed.map((one) => ({ ...one, by, reason }));
  return tablesOf(
    gameDate,
    await records.foresee({ game_date: gameDate, bypass, overrides, past_deadline: found.isPastDeadline }),
  );
}

function tablesOf(gameDate: string, tables: readonly ForeseenTable[]): Answer {
  return answer(gameDate, { tables });
}

function answer(gameDate: string, found: object): Answer {
  const message = `${gameDate}, foreseen; nothing was decided, written or sent.`;
  return { httpStatus: 200, body: { message, ...found, status: 'foreseen', gameDate, dryRun: true } };
}
