/** The figures of docs/scale.md are what a night costs by the budget that a test holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scaleDocument } from '../../scripts/scale';

test('docs/scale.md says what is computed; `npm run docs:scale` writes it', () => {
  expect(readFileSync(join(__dirname, '..', '..', 'docs', 'scale.md'), 'utf8')).toBe(scaleDocument());
});
