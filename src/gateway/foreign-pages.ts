/**
 * What a web page of another site may not reach. Whoever reaches this machine's own ports may do everything there, and a page
 * that somebody on this machine looks at reaches them: by a form, or by a name that was made to lead here.
 */
import type { IncomingHttpHeaders } from 'node:http';

const loopbackHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

/** Whether a request names this machine: what is sent to it never leaves it. */
export function isLoopback({ host = '' }: IncomingHttpHeaders): boolean {
  return loopbackHost.test(host);
}

/** Why a request is not one of a program, or of a page of its own, on this machine, as a sentence; null where it is. */
export function whyForeign(headers: IncomingHttpHeaders): string | null {
  const { host = '', origin } = headers;
  if (!isLoopback(headers)) return 'The Host header names another host, expected 127.0.0.1 or localhost';
  const site = headers['sec-fetch-site'];
  const isForeign =
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  return isForeign ? 'The request comes from a web page of another site' : null;
}

/** Whether a browser opens it in a tab of its own, as by a link: then the page that linked it sees nothing of it. */
export function isNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'GET' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document' &&
    isLoopback(headers)
  );
}
