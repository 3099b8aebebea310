/** What `/openapi.json` says of the gateway as a whole. */
import type { FastifyDynamicSwaggerOptions as SwaggerOptions } from '@fastify/swagger';
import { version } from '../../package.json';
import type { GatewayParts } from './parts';

export function openApi({ settings: { auth } }: GatewayParts): NonNullable<SwaggerOptions['openapi']> {
  return {
    openapi: '3.0.3',
    info: {
      title: 'phase3',
      version,
      description:
        'Builds team and player summaries from a night of NBA box scores, in the right order, or explains why not. ' +
        (auth === null
          ? 'This gateway serves loopback without tokens.'
          : 'Requests carry an OpenID Connect token: `Authorization: Bearer …`.'),
    },
    tags: [
      { name: 'triggers', description: 'Needs the right "trigger".' },
      { name: 'dates', description: 'Needs the right "read".' },
      { name: 'decisions', description: 'Needs the right "override"; recorded in the audit.' },
      {
        name: 'backfills',
        description:
          'Looking needs the right "read", deciding the right "override"; decisions are kept with the backfill.',
      },
      { name: 'operations', description: 'Metrics need the right "read"; the other routes need no right.' },
    ],
    ...(auth === null
      ? {}
      : {
          components: { securitySchemes: { oidc: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
          security: [{ oidc: [] }],
        }),
  };
}
