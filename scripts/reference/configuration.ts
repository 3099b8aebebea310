/** The page of configuration: the variables as the configuration's reader declares them. */
import { configGroups, variables } from '../../src/config/variables';
import { code, madeFrom, page, table } from './markdown';

export function configurationPage(): string {
  return page(
    '# Configuration',
    madeFrom(
      'the declarations of the configuration reader ([src/config/variables.ts](../../src/config/variables.ts))',
    ),
    'All variables are optional, unless the description says otherwise. An invalid environment is refused, and every fault is named with what would be valid. So is a name that begins with `PHASE3_` and differs from one of these by a letter or two.',
    ...configGroups.flatMap((group) => [
      `## ${group}`,
      table(
        ['variable', 'default', 'meaning'],
        Object.values(variables)
          .filter((variable) => variable.group === group)
          .map((variable) => [code(variable.name), code(variable.default ?? ''), variable.description]),
      ),
    ]),
    '## Temporal',
    "Which Temporal server is used is configured as for Temporal's own tools: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY` and the other `TEMPORAL_` variables, or a profile in `temporal.toml` (`TEMPORAL_CONFIG_FILE`, `TEMPORAL_PROFILE`). If none names a server, `phase3 up` starts one on this machine.",
    '## Google Cloud',
    "Credentials are Google's Application Default Credentials; `GOOGLE_APPLICATION_CREDENTIALS` names a key file.",
  );
}
