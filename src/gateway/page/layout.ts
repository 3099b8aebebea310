/** What every page has around it. Works without a script; with one it stays as it is now. */
import type { Right } from '../../config/gateway';
import { Html, html, type Content } from './html';
import type { News } from './live';
import type { Visitor } from './session';

export interface PageOptions {
  readonly title: string;
  readonly visitor: Visitor | null;
  /** Whether the visitor has signed in, and so can sign out. */
  readonly hasSession: boolean;
  /** What the page follows, and what it was made of; null for a page that stays as it is. */
  readonly topic: { readonly key: string; readonly news: News } | null;
  /** Where "the season" leads. */
  readonly seasonPath?: string;
  readonly body: Content;
}

export function page({ title, visitor, hasSession, topic, seasonPath = '/', body }: PageOptions): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Phase 3</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/page.css" />
        <script type="module" src="/assets/page.js"></script>
      </head>
      <body
        data-now="${new Date().toISOString()}"
        data-topic="${topic?.key ?? ''}"
        data-tag="${topic?.news.tag ?? ''}"
      >
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <nav aria-label="Pages">
            <a class="home" href="${seasonPath}">Phase 3</a> <a href="/backfills">Backfills</a>
            <a href="/rules">Rules</a>
          </nav>
          ${hasSession && visitor ? signedIn(visitor) : null}
        </header>
        <p id="connection" class="notice" role="status"></p>
        <p id="announce" class="unseen" role="status"></p>
        <main id="main" tabindex="-1">
          ${topic?.news.trouble ? troubleNotice(topic.news.trouble) : null}${body}
        </main>
      </body>
    </html>`;
}

function signedIn({ principal, csrf }: Visitor): Html {
  return html`<form class="session" method="post" action="/sign-out">
    <span>${principal.name}</span>
    <input type="hidden" name="csrf" value="${csrf}" />
    <button class="quiet">Sign out</button>
  </form>`;
}

/** That what is shown is out of date. */
function troubleNotice(trouble: string): Html {
  return html`<p class="notice bad">This page cannot be brought up to date now: ${trouble}</p>`;
}

export function may(visitor: Visitor, right: Right): boolean {
  return visitor.principal.rights.has(right);
}

/** `2017-05-01 23:00:12 UTC`, for people and for scripts. */
export function instant(at: string): Html {
  return html`<time datetime="${at}">${at.slice(0, 10)} ${at.slice(11, 19)} UTC</time>`;
}

/** An instant to come, with the time until then, which the script keeps up. */
export function countdown(at: string): Html {
  return html`${instant(at)} <span class="countdown" data-until="${at}"></span>`;
}

/** A day as people say it: `Mon 1 May 2017`. */
export function dayName(gameDate: string): string {
  const at = new Date(`${gameDate}T00:00:00Z`);
  const weekday = at.toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' });
  return `${weekday} ${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })}`;
}

/** Of a column of texts, or of numbers. */
export type Heading = string | { readonly number: string };

/** Columns of a table by their headings; wide ones scroll by themselves, and on a phone each row is a card. */
export function table(caption: string, headings: readonly Heading[], rows: readonly Content[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings.map((heading) =>
            typeof heading === 'string'
              ? html`<th scope="col">${heading}</th>`
              : html`<th scope="col" class="number">${heading.number}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => labelled(row, headings))}
      </tbody>
    </table>
  </div>`;
}

/** A row whose cells say what they are, for a screen that has no room for a line of headings. */
function labelled(row: Content, headings: readonly Heading[]): Content {
  if (!(row instanceof Html)) return row;
  let column = 0;
  const text = row.text.replace(/<(td|th)(?=[\s>])/g, (start) => {
    const heading = headings[column] ?? '';
    column += 1;
    return `${start} ${html`data-label="${typeof heading === 'string' ? heading : heading.number}"`.text}`;
  });
  return new Html(text);
}

/** A state as a coloured word: never by its colour alone. */
export function badge(state: string): Html {
  return html`<span class="state is-${state.replace(/[^a-z]/g, '-')}">${state.replaceAll('_', ' ')}</span>`;
}
