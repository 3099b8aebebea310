/** The Terraform files: parsed, and held against the code's tables and settings and against the two pages that do it by hand. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { variables } from '../../src/config/variables';
import { tables } from '../../src/tables/catalogue';

const root = join(__dirname, '..', '..');
const folder = join(root, 'deploy', 'terraform');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const text = readdirSync(folder)
  .filter((name) => name.endsWith('.tf'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

/** What refers to the variable, in a text of Terraform. */
const gatewayUrl = ['$', '{var.gateway_url}'].join('');

// Its types bring those of a browser, which are not those of Node.
const { parse } = jest.requireActual<{ parse(name: string, text: string): Promise<unknown> }>(
  '@cdktf/hcl2json',
);

type Block = Readonly<Record<string, unknown>>;
interface Parsed {
  readonly variable: Readonly<Record<string, readonly Block[]>>;
  readonly locals: readonly Block[];
  readonly resource: Readonly<Record<string, Readonly<Record<string, readonly Block[]>>>>;
}
const parsed = async (hcl: string): Promise<Parsed> => (await parse('main.tf', hcl)) as Parsed;

/** The one resource of that type and name. */
const one = ({ resource }: Parsed, type: string, name: string): Block => resource[type]?.[name]?.[0] ?? {};
/** The one block in a block. */
const inner = (block: Block, name: string): Block => (block[name] as readonly Block[] | undefined)?.[0] ?? {};

/** What is named and not declared: a variable, a local value, or a resource. */
function nameFaults(hcl: string, { variable, locals, resource }: Parsed): string[] {
  const code = hcl.replace(/#.*$/gm, '');
  const faults = (pattern: RegExp, isThere: (match: RegExpMatchArray) => boolean): string[] =>
    [...code.matchAll(pattern)].filter((match) => !isThere(match)).map(([name]) => `${name} is not declared`);
  return [
    ...faults(/\bvar\.(\w+)/g, ([, name = '']) => name in variable),
    ...faults(/\blocal\.(\w+)/g, ([, name = '']) => locals.some((block) => name in block)),
    ...faults(
      /(?<![."\w])(google_\w+)\.(\w+)/g,
      ([, type = '', name = '']) => name in (resource[type] ?? {}),
    ),
  ];
}

/** Datasets that the code writes, and what may be done to each. */
function rightFaults(hcl: Parsed): string[] {
  const written = [...new Set(Object.values(tables).map(({ dataset }) => dataset))].filter(
    (name) => name !== 'nba_raw',
  );
  const [locals = {}] = hcl.locals;
  const rights = { reads: 'roles/bigquery.dataViewer', writes: 'roles/bigquery.dataEditor' } as const;
  const page = read('docs/how-to/set-up-bigquery.md');
  return [
    ...(String(locals['written']) ===
    ['$', `{toset(${JSON.stringify(written.sort()).replaceAll(',', ', ')})}`].join('')
      ? []
      : [`${String(locals['written'])} is not what the code writes: ${written.join(', ')}`]),
    ...(one(hcl, 'google_bigquery_dataset_iam_member', 'reads')['dataset_id'] === 'nba_raw'
      ? []
      : ['nba_raw is not read']),
    ...Object.entries(rights).flatMap(([name, role]) =>
      one(hcl, 'google_bigquery_dataset_iam_member', name)['role'] === role && page.includes(role)
        ? []
        : [`${name} has another role`],
    ),
    ...(one(hcl, 'google_project_iam_member', 'jobs')['role'] === 'roles/bigquery.jobUser'
      ? []
      : ['nobody may run jobs']),
    ...('default_table_expiration_ms' in one(hcl, 'google_bigquery_dataset', 'written')
      ? ['tables expire']
      : []),
  ];
}

/** Retry, dead letters and times, as `gcloud` is told them on the page, and as the gateway needs them. */
function subscriptionFaults(hcl: Parsed): string[] {
  const subscription = one(hcl, 'google_pubsub_subscription', 'triggers');
  const page = read('docs/how-to/pubsub-triggers.md');
  const flag = (name: string): string => new RegExp(`--${name}=(\\S+)`).exec(page)?.[1] ?? 'not there';
  const wanted: [string, unknown, string][] = [
    ['ack_deadline_seconds', subscription['ack_deadline_seconds'], flag('ack-deadline')],
    ['minimum_backoff', inner(subscription, 'retry_policy')['minimum_backoff'], flag('min-retry-delay')],
    ['maximum_backoff', inner(subscription, 'retry_policy')['maximum_backoff'], flag('max-retry-delay')],
    [
      'max_delivery_attempts',
      inner(subscription, 'dead_letter_policy')['max_delivery_attempts'],
      flag('max-delivery-attempts'),
    ],
    [
      'push_endpoint',
      inner(subscription, 'push_config')['push_endpoint'],
      flag('push-endpoint').replace('$URL', gatewayUrl),
    ],
    ['audience', inner(inner(subscription, 'push_config'), 'oidc_token')['audience'], gatewayUrl],
    [
      'publisher',
      one(hcl, 'google_pubsub_topic_iam_member', 'dead_letters')['role'],
      'roles/pubsub.publisher',
    ],
    [
      'subscriber',
      one(hcl, 'google_pubsub_subscription_iam_member', 'triggers')['role'],
      'roles/pubsub.subscriber',
    ],
    [
      'a subscription of dead letters',
      one(hcl, 'google_pubsub_subscription', 'dead_letters')['name'],
      'phase3-dead-letters',
    ],
  ];
  const waits = Number(variables.gatewayWaitSeconds.default);
  return [
    ...wanted
      .filter(([, given, should]) => String(given) !== should)
      .map(([what, given, should]) => `${what} is ${String(given)}, not ${should}`),
    ...(Number(subscription['ack_deadline_seconds']) > waits ? [] : ['a push is given up before its answer']),
    ...[subscription, one(hcl, 'google_pubsub_subscription', 'dead_letters')]
      .filter((block) => inner(block, 'expiration_policy')['ttl'] !== '')
      .map(() => 'a subscription expires'),
  ];
}

/** Settings that the variables say they are: each is one that the code reads. */
function settingFaults({ variable }: Parsed): string[] {
  const known = new Set(Object.values(variables).map(({ name }) => name));
  return Object.entries(variable).flatMap(([name, [block = {}]]) => {
    const named = /PHASE3_\w+/.exec(String(block['description']))?.[0] ?? '';
    return known.has(named) ? [] : [`${name} is ${named || 'no setting'}, which nothing reads`];
  });
}

type Case = [string, (hcl: string) => Promise<string[]>, [string, string | RegExp, string][]];
const cases: Case[] = [
  [
    'names that are declared',
    async (hcl) => nameFaults(hcl, await parsed(hcl)),
    [
      ['a variable', '{var.gateway_url}/process', '{var.gateway}/process'],
      ['a local value', 'member = local.pubsub', 'member = local.pubsb'],
      ['a resource', 'google_pubsub_topic.triggers.id', 'google_pubsub_topic.trigger.id'],
    ],
  ],
  [
    'datasets and rights of the code',
    async (hcl) => rightFaults(await parsed(hcl)),
    [
      ['a dataset too few', '["nba_analytics", "nba_orchestration"]', '["nba_analytics"]'],
      ['a right too many', 'roles/bigquery.dataViewer', 'roles/bigquery.dataOwner'],
      [
        'tables that expire',
        'labels                     =',
        'default_table_expiration_ms = 3600000\n  labels =',
      ],
    ],
  ],
  [
    'a subscription with retry and dead letters',
    async (hcl) => subscriptionFaults(await parsed(hcl)),
    [
      ['a push that is given up too early', 'ack_deadline_seconds = 60', 'ack_deadline_seconds = 30'],
      ['other delays', 'minimum_backoff = "300s"', 'minimum_backoff = "10s"'],
      ['no dead letters', /dead_letter_policy \{[^}]*\}/, ''],
      ['another path', '/process"', '/proces"'],
      ['an expiration', 'ttl = ""', 'ttl = "86400s"'],
    ],
  ],
  [
    'settings that are read',
    async (hcl) => settingFaults(await parsed(hcl)),
    [['a slip of the pen', 'PHASE3_DATASET_PREFIX', 'PHASE3_DATASET_PREFX']],
  ],
];

describe.each(cases)('%s', (_, rule, faults) => {
  it('holds', async () => expect(await rule(text)).toEqual([]));
  it.each(faults)('finds %s', async (_name, old, fault) => {
    const planted = text.replace(old, () => fault);
    expect(planted).not.toBe(text);
    expect(await rule(planted)).not.toEqual([]);
  });
});

it('says that it was never applied', () =>
  expect(read('deploy/terraform/README.md')).toContain('It was never applied'));
