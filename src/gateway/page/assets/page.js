/**
 * Keeps a page as it is now. Everything can be read and done without: what is shown comes whole from the gateway, and this
 * only fetches it again when the gateway says that it is another.
 */
const { topic, now } = document.body.dataset;
/** What the gateway's clock is ahead of this one, ms: countdowns go by the gateway's. */
const ahead = Date.parse(now ?? '') - Date.now() || 0;
const connection = document.getElementById('connection');
const announce = document.getElementById('announce');
/** A short break is nobody's concern. */
const patienceMs = 2_500;
/** How soon a stream that a browser has given up on is opened again. */
const againMs = 3_000;

/** `in 1:05`, or `now`. */
function leftUntil(until) {
  const seconds = Math.ceil((Date.parse(until) - Date.now() - ahead) / 1000);
  if (Number.isNaN(seconds)) return '';
  if (seconds <= 0) return '(now)';
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (part) => String(part).padStart(2, '0');
  return `(in ${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)})`;
}

function countDown() {
  for (const span of document.querySelectorAll('[data-until]'))
    span.textContent = leftUntil(span.dataset.until);
}

/** Puts in what is another. What is typed, focused, opened or scrolled stays as it is. */
function swap(next) {
  const current = document.getElementById('main');
  const [old, fresh] = [current, next.getElementById('main')];
  if (!old || !fresh) return;
  const ids = (root) => [...root.querySelectorAll('[data-live]')].map(({ id }) => id).join(' ');
  const said = old.querySelector('[data-announce]')?.textContent;
  const focused = document.activeElement;
  const parts =
    ids(old) === ids(fresh) && ids(old) !== ''
      ? [...fresh.querySelectorAll('[data-live]')].map((part) => [document.getElementById(part.id), part])
      : [[old, fresh]];
  for (const [before, after] of parts)
    if (withoutCountdown(before) !== after.outerHTML) replace(before, after, focused);
  document.title = next.title;
  document.body.dataset.tag = next.body.dataset.tag;
  const says = document.querySelector('[data-announce]')?.textContent;
  if (says && says !== said) announce.textContent = says;
  countDown();
}

/** As it came: the script writes into countdowns only. */
function withoutCountdown(element) {
  const copy = element.cloneNode(true);
  for (const span of copy.querySelectorAll('[data-until]')) span.textContent = '';
  for (const details of copy.querySelectorAll('details')) details.open = false;
  return copy.outerHTML;
}

function replace(before, after, focused) {
  const open = [...before.querySelectorAll('details[open]')].map(({ id }) => id);
  const scrolled = [...before.querySelectorAll('.scroll')].map(({ scrollLeft }) => scrollLeft);
  const had = before.contains(focused) ? focused : null;
  const place = had ? [...before.querySelectorAll('a, button, input, summary, [tabindex]')].indexOf(had) : -1;
  before.replaceWith(after);
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  [...after.querySelectorAll('.scroll')].forEach((one, at) => (one.scrollLeft = scrolled[at] ?? 0));
  if (!had) return;
  const same = had.id
    ? document.getElementById(had.id)
    : had.href && after.querySelector(`a[href="${CSS.escape(had.getAttribute('href'))}"]`);
  const other = [...after.querySelectorAll('a, button, input, summary, [tabindex]')][place];
  (same || other || document.getElementById('main'))?.focus({ preventScroll: true });
}

let isFetching = false;
let isDue = false;

/** Fetches the page again; once more if it has become another meanwhile. */
async function refresh() {
  isDue = true;
  if (isFetching) return;
  isFetching = true;
  try {
    while (isDue) {
      isDue = false;
      const response = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'manual' });
      // Somebody has to sign in again.
      if (response.type === 'opaqueredirect') location.reload();
      else if (response.headers.get('content-type')?.includes('text/html'))
        swap(new DOMParser().parseFromString(await response.text(), 'text/html'));
    }
  } catch {
    // The connection is lost; the stream says so, and what came of it when it is back.
  } finally {
    isFetching = false;
  }
}

let isLost = false;
let losing = null;
let trouble = null;

function showConnection() {
  const text = isLost
    ? 'Connection lost. What you see may be old; trying again …'
    : trouble
      ? `This page cannot be brought up to date now: ${trouble}`
      : '';
  if (connection.textContent !== text) connection.textContent = text;
}

function lost() {
  losing ??= setTimeout(() => {
    isLost = true;
    showConnection();
  }, patienceMs);
}

function found() {
  clearTimeout(losing);
  losing = null;
  isLost = false;
  showConnection();
}

/** Follows the topic; `Last-Event-ID` and `since` tell the gateway what is shown here. */
function follow() {
  const query = new URLSearchParams({ topic, since: document.body.dataset.tag ?? '' });
  const stream = new EventSource(`/events?${query}`);
  stream.addEventListener('open', found);
  stream.addEventListener('changed', refresh);
  stream.addEventListener('trouble', ({ data }) => {
    trouble = JSON.parse(data);
    showConnection();
  });
  stream.addEventListener('error', async () => {
    lost();
    if (stream.readyState !== EventSource.CLOSED) return;
    // Refused: the gateway is there and does not want us, or something before it answers.
    setTimeout(follow, againMs);
    await refresh();
  });
}

if (topic) follow();
countDown();
setInterval(countDown, 1_000);

// What is sent twice is one decision: the second press would only wait for the first.
for (const form of document.forms)
  form.addEventListener('submit', () => {
    for (const button of form.querySelectorAll('button')) setTimeout(() => (button.disabled = true));
  });
window.addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('button')) button.disabled = false;
});
