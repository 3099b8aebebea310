/** Traces of a night, from the push that asked for it to the statements, as a collector receives them; off by default. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cli } from '../support/cli';
import { loadNights } from '../support/load-nights';
import { demoNight } from '../support/nights';
import { startOtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver';

const gameDate = '2017-04-16';
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const sender = '00f067aa0ba902b7';

async function push(cli: Cli, headers: Record<string, string>): Promise<unknown> {
  const { gateway } = await cli.json('status');
  const response = await fetch(`${String(gateway)}/process`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ output_table: 'nba_raw.nbac_gamebook_player_stats', game_date: gameDate }),
  });
  return await response.json();
}

test('one trace leads from the push through the client and the activities to the statements', async () => {
  const receiver = await startOtlpReceiver();
  const cli = await Cli.create({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  try {
    await cli.ok('up');
    await loadNights(cli, [demoNight(gameDate)]);
    expect(await push(cli, { traceparent: `00-${trace}-${sender}-01` })).toMatchObject({
      status: 'completed',
    });
    // What has not been sent yet is sent as the processes end.
    await cli.ok('down');
    const spans = (await receiver.spans()).filter(({ traceId }) => traceId === trace);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const wayOf = (span: ReceivedSpan | undefined): string[] =>
      span ? [...wayOf(byId.get(span.parentSpanId)), `${span.service}: ${span.name}`] : [];
    const pushed = 'phase3-gateway: POST /process';
    const sent = [pushed, 'phase3-gateway: send to a date'];
    const ways = spans.map((span) => wayOf(span).join(' > '));
    for (const activity of [
      'checkDependencies',
      'buildTeamOffenseGameSummary',
      'buildPlayerGameSummary',
      'recordPass',
    ])
      expect(ways).toContain([...sent, `phase3-worker: activity ${activity}`].join(' > '));
    // A statement of the publication is below the processor that publishes.
    expect(ways).toContainEqual(
      expect.stringMatching(
        /send to a date > phase3-worker: activity buildPlayerGameSummary > phase3-worker: INSERT INTO/,
      ),
    );
    expect(byId.get(spans.find(({ name }) => name === 'POST /process')?.spanId ?? '')).toMatchObject({
      parentSpanId: sender,
      attributes: { 'http.response.status_code': '200' },
    });
    expect(spans.find(({ name }) => name === 'activity buildPlayerGameSummary')?.attributes).toMatchObject({
      ...{
        'phase3.game_date': gameDate,
        'phase3.processor': 'PlayerGameSummaryProcessor',
        'phase3.pass': '1',
      },
    });
    // Lines of the log carry the trace, the date and the run.
    const log = (await readFile(join(cli.home, 'logs', 'worker.log'), 'utf8')).split('\n').filter(Boolean);
    const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...{ message: '✅ PlayerGameSummaryProcessor completed', trace_id: trace, gameDate },
        runId: expect.any(String),
      }),
    );
  } finally {
    await cli.dispose();
    receiver.close();
  }
}, 120_000);

test('a collector that is gone keeps no night and no end of a process waiting', async () => {
  const cli = await Cli.create({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  try {
    await cli.ok('up');
    await loadNights(cli, [demoNight(gameDate)]);
    expect(await push(cli, {})).toMatchObject({ status: 'completed' });
    expect(await cli.ok('down')).toContain('Down.');
  } finally {
    await cli.dispose();
  }
}, 120_000);
