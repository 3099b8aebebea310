/** The injury report: its arrival may change why players did not play; its rows are not read. */
import { defineTrigger } from '../define-source';

export const nbacInjuryReport = defineTrigger({
  name: 'nbac_injury_report',
  description: 'The injury report of the league. It sets processors off and is not read.',
});
