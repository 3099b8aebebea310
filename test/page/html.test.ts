/** HTML that is escaped by construction. */
import { html } from '../../src/gateway/page/html';

it('shows text as text, wherever it stands', () => {
  const evil = `<script>alert("1")</script>' onload='x`;
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x">' +
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x</p>',
  );
});

it('puts templates into templates, and lists', () => {
  const items = [1, 2].map((one) => html`<li>${one}</li>`);
  expect(
    html`<ul>
      ${items}${null}${false}
    </ul>`.text.replace(/\s/g, ''),
  ).toBe('<ul><li>1</li><li>2</li></ul>');
});

it('shows what is not seen', () => {
  expect(html`<p>${'a\u202eb\u001b[2J'}</p>`.text).toBe('<p>a\\u202eb\\u001b[2J</p>');
});

it('refuses an attribute without quotes, which no escaping protects', () => {
  expect(() => html`<p title=${'x onclick=y'}></p>`).toThrow(/no quotes/);
  expect(html`<a href="/?a=${'1&2'}">1 = ${1}</a>`.text).toBe('<a href="/?a=1&amp;2">1 = 1</a>');
});
