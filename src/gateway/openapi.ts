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
        'Turns a night of NBA box scores into team and player summaries, in order, or says why not. ' +
        (auth === null
          ? 'This gateway serves loopback without tokens.'
          : 'Requests carry an OpenID Connect token: `Authorization: Bearer …`.'),
    },
    tags: [
      { name: 'triggers', description: 'Needs the right "trigger".' },
      { name: 'dates', description: 'Needs the right "read".' },
      { name: 'decisions', description: 'Needs the right "override"; goes into the audit.' },
      { name: 'operations', description: 'Metrics need the right "read", health nothing.' },
    ],
    ...(auth === null
      ? {}
      : {
          components: { securitySchemes: { oidc: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
          security: [{ oidc: [] }],
        }),
  };
}
