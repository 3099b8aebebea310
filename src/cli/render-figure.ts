/** How the explanation of a figure looks to a person. */
import type {
  Agreement,
  Figure,
  FigureExplanation,
  FigureRule,
  FigureVersion,
  RawRow,
} from '../explain-figure/figure';
import type { Cell } from '../tables/define-table';

/** The figure and its formula; whether it agrees; its inputs as a tree; raw rows, version, rules and decisions. */
export function renderFigure(explained: FigureExplanation): string[] {
  const { figure, gameDate, gameId, estimated, agreement, rawRows, version, rules, decisions } = explained;
  const unit = figure.formula?.unit ? ` (${figure.formula.unit})` : '';
  return [
    `${figure.table}, ${gameDate}, ${figure.of}: ${figure.column ?? ''} is ${show(agreement.stored)}${unit}${estimated.length > 0 ? ', estimated' : ''}`,
    ...estimated.map((what) => `  estimated: ${what}`),
    ...figure.nullBecause.map((why) => `  null because ${why}`),
    ...renderFormula(figure),
    ...renderAgreement(agreement),
    ...(figure.inputs.length > 0
      ? ['', 'comes from', ...figure.inputs.flatMap((input) => renderInput(input, figure))]
      : []),
    ...(rawRows.length > 0 ? ['', `raw rows of game ${gameId}`, ...rawRows.flatMap(renderRawRow)] : []),
    '',
    ...renderVersion(figure, version),
    '',
    ...renderRules(rules, gameId),
    '',
    ...(decisions.length === 0 ? ['decisions it stands on: none'] : ['decisions it stands on']),
    ...decisions.map(
      ({ table, seq, kind, by, reason, at }) => `  #${seq} ${at} ${kind} by ${by} (${table}): ${reason}`,
    ),
  ];
}

function renderFormula({ formula, kind }: Figure): string[] {
  if (!formula) return kind === 'record' ? ['  written when it was published'] : [];
  return [
    `  formula: ${formula.text}`,
    ...(formula.filledIn === null ? [] : [`  filled in: ${formula.filledIn}`]),
    ...(formula.source === null ? [] : [`  source: ${formula.source}`]),
  ];
}

function renderAgreement({ agrees, stored, recomputed, detail, notes }: Agreement): string[] {
  return [
    agrees
      ? `  agrees: ${detail}`
      : `  DOES NOT AGREE: ${show(stored)} is stored, its inputs give ${show(recomputed)}: ${detail}`,
    ...notes.map((note) => `  note: ${note}`),
  ];
}

/** One line a figure, those that it comes from below it; a copy is on one line with what it is copied from. */
function renderInput(figure: Figure, top: Figure, depth = 1): string[] {
  const { name, value, inputs, kind } = figure;
  const [copied] = kind === 'copied' && inputs.length === 1 ? inputs : [];
  const text = copied ? `${where(figure, top)}, from ${where(copied, top)}` : where(figure, top);
  return [
    `${'  '.repeat(depth)}${name === null ? '' : `${name} = `}${show(value)}  ${text}${how(figure)}`,
    ...(copied ?? figure).inputs.flatMap((input) => renderInput(input, top, depth + 1)),
  ];
}

function where({ table, column, of, version, rawRow }: Figure, top: Figure): string {
  if (rawRow !== null) return `${column ?? ''} of raw row [${rawRow}]`;
  if (column === null) return '';
  if (table === top.table && of === top.of) return `${column} of this row`;
  return `${column} of ${table} for ${of}${version === null ? '' : `, version ${version}`}`;
}

function how({ column, formula, value, stored, estimated }: Figure): string {
  const text = formula ? [formula.filledIn ?? formula.text] : [];
  const differs = stored !== undefined && stored !== value ? [`BUT ${show(stored)} IS PUBLISHED`] : [];
  const guessed = estimated === undefined ? [] : ['estimated'];
  return [...text, ...guessed, ...differs].map((part) => (column === null ? part : `: ${part}`)).join('');
}

function renderRawRow({ number, table, key, dataHash, arrivedAt, hash, notes, madeFrom }: RawRow): string[] {
  const { game_date: _, ...rest } = key;
  return [
    `  [${number}] ${table} ${Object.values(rest).join(' ')}: arrived ${arrivedAt ?? 'at no known time'}, hash ${hash}, its sender's hash ${dataHash ?? 'none'}`,
    ...notes.map((note) => `      ${note}`),
    ...(madeFrom ? [`      made from ${madeFrom.map((row) => `[${row}]`).join(' ')}`] : []),
  ];
}

function renderVersion({ table }: Figure, version: FigureVersion): string[] {
  const { checks, run } = version;
  const failed = checks.filter(({ passed }) => !passed);
  return [
    `published with version ${version.version} of ${table} at ${version.publishedAt}, because ${version.reason}`,
    `  run ${version.runId}, pass ${version.pass}${run ? ` of ${run.workflowId}` : ''}`,
    `  ${version.processor} ${version.processorVersion}, commit ${version.commit ?? 'not known'}, sources ${version.sourceHash ?? 'not known'}`,
    `  inputs ${version.fingerprint}`,
    ...version.upstreams.map(
      (upstream) =>
        `  on ${upstream.version === 0 ? 'no version' : `version ${upstream.version}`} of ${upstream.table}` +
        (upstream.version === upstream.liveVersion ? '' : `; live is ${upstream.liveVersion ?? 'none'}`),
    ),
    `  checks of its rows: ${checks.length - failed.length} passed${failed.length > 0 ? `, ${failed.length} failed` : ''}`,
    ...failed.map(
      ({ check, blocking, detail }) => `    ${blocking ? 'blocking' : 'warning'} ${check}: ${detail}`,
    ),
  ];
}

function renderRules(rules: readonly FigureRule[], gameId: string): string[] {
  if (rules.length === 0) return [`rules of the game: none ran, the schedule has no game ${gameId}`];
  const of = (status: FigureRule['status']): FigureRule[] => rules.filter((rule) => rule.status === status);
  return [
    `rules of the game ${gameId}, on its rows as they are now: ${of('passed').length} passed, ${of('broken').length} broken, ${of('not_run').length} not run`,
    ...of('broken').map(
      ({ name, blocking, details }) =>
        `  ${blocking ? 'blocking' : 'warning'} ${name}: ${details.slice(0, 3).join('; ')}`,
    ),
    ...(of('not_run').length > 0
      ? [
          `  not run: ${of('not_run')
            .map(({ name }) => name)
            .join(', ')}`,
        ]
      : []),
  ];
}

function show(value: Cell): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
