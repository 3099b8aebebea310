/** The plan as a picture: sources, then processors level by level, coloured by how they stand and labelled with it. */
import { planOf } from '../../plan/registry';
import type { Explanation, ProcessorStanding } from '../../explain/explain-date';
import { html, type Html } from './html';

interface Box {
  readonly name: string;
  /** What it is called in the picture, a line each. */
  readonly lines: readonly string[];
  readonly state: string;
  readonly x: number;
  readonly y: number;
}

/** Of a box and of what is between two; units of the picture. */
const size = { width: 158, height: 62, along: 40, across: 14 };

/** Draws it twice: from left to right, and from top to bottom where there is little room. Either is hidden by the stylesheet. */
export function planGraph(why: Explanation): Html {
  const told = why.levels
    .flatMap(({ level, processors }) =>
      processors.map((one) => `level ${level}: ${one.processor} ${one.standing}`),
    )
    .join('; ');
  return html`${draw(why, 'wide', told)}${draw(why, 'tall', told)}`;
}

function draw(why: Explanation, shape: 'wide' | 'tall', told: string): Html {
  const boxes = layOut(why, shape);
  const at = new Map(boxes.map((box) => [box.name, box]));
  const width = Math.max(...boxes.map(({ x }) => x)) + size.width + 4;
  const height = Math.max(...boxes.map(({ y }) => y)) + size.height + 4;
  const lines = planOf().processors.flatMap(({ name, inputs, upstreams }) =>
    [...inputs, ...upstreams.map(({ processor }) => processor)].flatMap((from) => {
      const [a, b] = [at.get(from), at.get(name)];
      return a && b ? [edge(a, b, shape)] : [];
    }),
  );
  return html`<svg
    class="plan ${shape}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${`The plan. ${told || 'Nothing of it has run.'}`}"
  >
    ${lines} ${boxes.map(boxOf)}
  </svg>`;
}

/** Sources first, then each level, one beside the other; a rank that has fewer boxes stands in the middle. */
function layOut(why: Explanation, shape: 'wide' | 'tall'): Box[] {
  const plan = planOf().processors;
  const standings = new Map(
    why.levels.flatMap(({ processors }) => processors.map((one) => [one.processor, one] as const)),
  );
  const sources = [...new Set(plan.flatMap(({ inputs }) => inputs))];
  const levels = [...new Set(plan.map(({ level }) => level))];
  const ranks = [
    sources.map((name) => ({ name, state: sourceState(name, [...standings.values()]) })),
    ...levels.map((level) =>
      plan
        .filter((one) => one.level === level)
        .map(({ name }) => ({ name, state: standings.get(name)?.standing ?? 'not requested' })),
    ),
  ];
  // Where there is little room, two stand beside each other.
  const rows = shape === 'wide' ? ranks : ranks.flatMap((rank) => chunks(rank, 2));
  const most = Math.max(...rows.map(({ length }) => length));
  return rows.flatMap((row, rank) =>
    row.map(({ name, state }, place) => {
      const middle = (most - row.length) / 2 + place;
      const [x, y] =
        shape === 'wide'
          ? [rank * (size.width + size.along), middle * (size.height + size.across)]
          : [middle * (size.width + size.across), rank * (size.height + size.along)];
      return { name, state, lines: linesOf(name), x: x + 2, y: y + 2 };
    }),
  );
}

/** A source is what the processors that read it have found of it. */
function sourceState(name: string, standings: readonly ProcessorStanding[]): string {
  const needs = standings.flatMap((one) => one.needs.filter(({ table }) => table === name));
  if (needs.some(({ status }) => status !== 'ready')) return 'missing';
  const lacking = standings.some(({ missingGames }) => missingGames.some((game) => game.table === name));
  if (lacking) return 'partial';
  if (needs.length > 0) return 'ready';
  return standings.some(({ version }) => version !== null) ? 'ready' : 'not checked';
}

function chunks<T>(items: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) =>
    items.slice(most * at, most * (at + 1)),
  );
}

/** A name by its words, in at most two lines. */
function linesOf(name: string): string[] {
  const words = name
    .replace(/Processor$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .split(' ');
  const half = Math.ceil(words.length / 2);
  const text = words.join(' ');
  return text.length <= 20 ? [text] : [words.slice(0, half).join(' '), words.slice(half).join(' ')];
}

function boxOf({ lines, state, x, y, name }: Box): Html {
  const middle = x + size.width / 2;
  return html`<g class="box is-${state.replace(/[^a-z]/g, '-')}">
    <title>${name}: ${state}</title>
    <rect x="${x}" y="${y}" width="${size.width}" height="${size.height}" rx="6" />
    ${lines.map((line, at) => html`<text x="${middle}" y="${y + 18 + 14 * at}" text-anchor="middle">${line}</text>`)}
    <text class="word" x="${middle}" y="${y + size.height - 9}" text-anchor="middle"
      >${state.replaceAll('_', ' ')}</text
    >
  </g>`;
}

function edge(a: Box, b: Box, shape: 'wide' | 'tall'): Html {
  const [x1, y1, x2, y2] =
    shape === 'wide'
      ? [a.x + size.width, a.y + size.height / 2, b.x, b.y + size.height / 2]
      : [a.x + size.width / 2, a.y + size.height, b.x + size.width / 2, b.y];
  const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const path =
    shape === 'wide'
      ? `M${x1} ${y1}C${mx} ${y1} ${mx} ${y2} ${x2} ${y2}`
      : `M${x1} ${y1}C${x1} ${my} ${x2} ${my} ${x2} ${y2}`;
  return html`<path class="edge" d="${path}" />`;
}
