/** The changelog of a release: what it says of a version, and the heading under which that stands from now on. Pure. */

/** Why a version cannot be released, in a sentence. */
export class ReleaseFault extends Error {}

const unreleased = '## [Unreleased]';

/** The headings of versions with what is below each. */
function sectionsOf(text) {
  const starts = [...text.matchAll(/^## .*$/gm)];
  return starts.map((match, position) => ({
    heading: match[0],
    start: match.index,
    body: text.slice(match.index + match[0].length, starts[position + 1]?.index ?? text.length).trim(),
  }));
}

/**
 * The changelog with the version dated, and what it says of it. What stands under `[Unreleased]` becomes the version's,
 * unless it has a heading of its own. Throws a {@link ReleaseFault} where nothing is said of the version.
 */
export function datedChangelog(text, version, date) {
  const sections = sectionsOf(text);
  const next = sections.find(({ heading }) => heading === unreleased);
  const own = sections.find(({ heading }) => heading.startsWith(`## [${version}]`));
  if (own) return withOwn(text, own, next, version, date);
  if (!next?.body)
    throw new ReleaseFault(
      `CHANGELOG.md says nothing of ${version}: there is neither a heading [${version}] nor anything under [Unreleased].`,
    );
  const heading = `## [${version}] - ${date}`;
  return { text: text.replace(unreleased, `${unreleased}\n\n${heading}`), notes: next.body };
}

function withOwn(text, own, next, version, date) {
  if (!own.body) throw new ReleaseFault(`CHANGELOG.md has nothing under [${version}].`);
  if (next?.body)
    throw new ReleaseFault(
      `CHANGELOG.md has a heading [${version}], and entries under [Unreleased]. Move them to where they belong.`,
    );
  return { text: text.replace(own.heading, `## [${version}] - ${date}`), notes: own.body };
}
