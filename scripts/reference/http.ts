/** The page of HTTP routes, from the OpenAPI document that the gateway serves. */
import { openAuthenticator } from '../../src/gateway/auth/authenticator';
import { answerStatuses } from '../../src/gateway/answers';
import { GatewayMetrics } from '../../src/gateway/metrics';
import type { GatewayParts } from '../../src/gateway/parts';
import { buildServer } from '../../src/gateway/server';
import { code, madeFrom, page, sentence, table } from './markdown';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
}

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>;
}

interface OpenApi {
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The gateway's own description. Nothing of it is asked, so it needs only what its routes are built with. */
async function openApiOfGateway(): Promise<OpenApi> {
  const parts = {
    authenticator: openAuthenticator('nobody'),
    metrics: new GatewayMetrics(),
    settings: { waitMs: 0, maxRequestsPerSecond: 1, auth: null },
    closing: new AbortController().signal,
  } as unknown as GatewayParts;
  const app = await buildServer(parts);
  await app.ready();
  try {
    return app.swagger() as unknown as OpenApi;
  } finally {
    await app.close();
  }
}

export async function httpPage(): Promise<string> {
  const { tags = [], paths } = await openApiOfGateway();
  return page(
    '# HTTP',
    madeFrom(
      'the OpenAPI document that the gateway serves at `/openapi.json` ([src/gateway](../../src/gateway))',
    ),
    'Bodies are JSON, whatever the content type says. On loopback no token is needed; anywhere else a request carries `Authorization: Bearer TOKEN` ([configuration](configuration.md#gateway)). How to send triggers, with examples: [how-to guide](../how-to/send-triggers-over-http.md).',
    `An answer has a \`status\`: ${answerStatuses.map(code).join(', ')}.`,
    ...tags.flatMap(({ name, description = '' }) => [
      `## ${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      description,
      ...Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, operation]) => operation.tags?.includes(name))
          .flatMap(([method, operation]) => section(`${method.toUpperCase()} ${path}`, operation)),
      ),
    ]),
  );
}

function section(route: string, { summary = '', requestBody, responses = {} }: Operation): string[] {
  const bodies = Object.values(requestBody?.content ?? {}).slice(0, 1);
  const answers = Object.entries(responses).map(([status, { description = '' }]) => [status, description]);
  return [
    `### ${route}`,
    sentence(summary),
    ...bodies.flatMap(({ schema }) => (schema.oneOf ?? [schema]).flatMap((one) => bodyOf(one))),
    answers.length === 0 ? '' : table(['HTTP status', 'when'], answers),
  ];
}

function bodyOf(schema: Schema): string[] {
  const fields = fieldsOf(schema, '');
  return [
    ...(schema.description === undefined ? [] : [`Body: ${sentence(schema.description)}`]),
    fields.length === 0 ? 'It has no fields.' : table(['field', 'type', '', 'meaning'], fields),
  ];
}

/** Fields with those inside them, `message.data`. */
function fieldsOf({ properties = {}, required = [] }: Schema, within: string): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => [
    [
      ...[code(within + name), field.type ?? ''],
      ...[required.includes(name) ? 'required' : '', field.description ?? ''],
    ],
    ...fieldsOf(field, `${within}${name}.`),
  ]);
}
