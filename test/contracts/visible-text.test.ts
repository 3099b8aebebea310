import fc from 'fast-check';
import { visibleLine, visibleMarkdown, visibleText } from '../../src/contracts/visible-text';

/** Characters that are not seen, halves of characters, and what Markdown or HTML reads as more than text. */
const unseen = [
  ...Array.from('\u0000\b\t\n\r\u001b\u007f\u0085\u009b\u00ad\u200b\u200f'),
  ...Array.from('\u061c\u2028\u202e\u2066\u2060\ufeff\ufe0f\u115f\u3164\u{e0041}'),
  ...['\ud800', '\udc00'],
];
const markup = [
  ...Array.from('\\`*_[]<>()#+-.!|~&$:/@=" 1a'),
  ...['](', '<script>', '&lt;', 'https://a.bc', 'www.a.bc', 'a@b.cd'],
];

/** Any text, rich in these. */
const anyText = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...unseen), fc.constantFrom(...markup)), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

/** All that may come out, said in another way than the code does: what has a shape, a plain blank, and marks that go onto it. */
const allowed = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\p{Co}\p{Cn}]*$/u;
const ignorable =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]|[\u{e0000}-\u{e0fff}]/u;

describe('what is not seen', () => {
  it.each([
    ['an escape sequence', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
    ['one of a single character', 'a\u009b2Jb', 'a\\u009b2Jb'],
    ['null, bell, backspace, delete', '\u0000\u0007\b\u007f', '\\u0000\\u0007\\u0008\\u007f'],
    ['bidirectional overrides', '\u202agnp.\u202exe', '\\u202agnp.\\u202exe'],
    ['bidirectional isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['bidirectional marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
    ['zero-width characters', 'Le\u200bBron\u200d\u2060', 'Le\\u200bBron\\u200d\\u2060'],
    ['a byte order mark', '\ufeffid', '\\ufeffid'],
    ['halves of characters', 'a\ud83cb\udfc0', 'a\\ud83cb\\udfc0'],
    ['tags', '\u{e0041}', '\\udb40\\udc41'],
    ['other line ends', 'a\u2028b\u2029c\u0085', 'a\\u2028b\\u2029c\\u0085'],
    ['fillers and selectors', '\u3164\ufe0f', '\\u3164\\ufe0f'],
  ])('is shown: %s', (_name, text, shown) => {
    expect(visibleLine(text)).toBe(shown);
    expect(visibleText(text)).toBe(shown);
  });

  it.each(['Nikola Jokić', '李凯尔', 'עמרי כספי', '🏀 ✅ ❌ …', 'a\u00a0b', "O'Neal, 100 %", ''])(
    'and %j stays as it is',
    (text) => {
      expect(visibleLine(text)).toBe(text);
      expect(visibleText(text)).toBe(text);
    },
  );

  it('lines and tabs stay in a text and become blanks in a line', () => {
    expect(visibleText('a\n\tb\r\n')).toBe('a\n\tb\\u000d\n');
    expect(visibleLine('a\n\tb\r\nc')).toBe('a b c');
  });

  it('is in nothing that comes out, whatever goes in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const shown of [
          visibleLine(text),
          visibleMarkdown(text),
          visibleText(text).replace(/[\n\t]/g, ''),
        ]) {
          expect(shown).toMatch(allowed);
          expect(shown).not.toMatch(ignorable);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is spelled in JSON so that the document means the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = { [text]: [text] };
        expect(JSON.parse(visibleText(JSON.stringify(value, null, 2)))).toEqual(value);
      }),
    );
  });
});

describe('in Markdown', () => {
  const render = async (text: string): Promise<string> => {
    const { marked } = await import('marked');
    return marked.parse(`**a** x ${visibleMarkdown(text)}\n\n- ${visibleMarkdown(text)}`, { async: false });
  };

  it.each([
    ['a tag', '<script>alert(1)</script>'],
    ['a link', '[here](https://example.com)'],
    ['the end of a link', 'x](javascript:alert(1))'],
    ['an image', '![x](https://example.com/x.png)'],
    ['an address', 'https://example.com and www.example.com or a@example.com'],
    ['emphasis', '**bold** _it_ __it__ ~~gone~~ `code`'],
    ['a heading', '# x'],
    ['a list', '- x'],
    ['a numbered list', '1. x'],
    ['an entity', '&lt;b&gt; &amp;'],
    ['a backslash', '\\<b> \\[x](y)'],
    ['lines', 'x\n\n# y\n\n    code'],
    ['the names of tables', 'nbac_team_boxscore: found 8, expected at least 10'],
  ])('%s is text', async (_name, text) => {
    const html = await render(text);
    expect(html.replace(/<\/?(p|ul|li|strong)>/g, '')).not.toMatch(/<(?!\/?em>)[a-z/!]|<em>/i);
    expect(html.match(/<li>/g)).toHaveLength(1);
    expect(html.match(/<strong>/g)).toHaveLength(1);
  });

  it('everything is: what a reader sees is the line itself', async () => {
    const { marked } = await import('marked');
    const seen = (html: string): string =>
      html
        .replace(/^<ul>\s*<li>|<\/li>\s*<\/ul>\s*$/g, '')
        .replace(
          /&(lt|gt|amp|quot|#39);/g,
          (_, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[name] ?? "'",
        );
    fc.assert(
      fc.property(anyText, (text) => {
        const html = marked.parse(`- x${visibleMarkdown(`x ${text}`)}`, { async: false });
        expect(seen(html).replace(/\s+/g, ' ').trim()).toBe(
          `x${visibleLine(`x ${text}`)}`.replace(/\s+/g, ' ').trim(),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('names of tables stay legible where nothing renders it', () => {
    expect(visibleMarkdown('nbac_team_boxscore: found 8, expected at least 10')).toBe(
      'nbac_team_boxscore: found 8, expected at least 10',
    );
  });
});
