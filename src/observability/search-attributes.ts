/** Whether a namespace has the search attributes that our runs set, and how they are registered where it lacks some. */
import { indexedValueTypes, searchAttributeTypes } from '../contracts/search-attributes';

/** What both kinds of connections (client's and worker's) have. */
export interface AskedServer {
  readonly operatorService: {
    listSearchAttributes(request: {
      readonly namespace: string;
    }): Promise<{ readonly customAttributes: Readonly<Record<string, unknown>> }>;
  };
  readonly workflowService: {
    countWorkflowExecutions(request: {
      readonly namespace: string;
      readonly query: string;
    }): Promise<unknown>;
  };
}

export interface LackingAttributes {
  /** Those that are not there as they are needed, by name. */
  readonly wrong: readonly string[];
  /** Those of them that are there with another type. */
  readonly taken: readonly string[];
}

/** Codes of gRPC. */
const [invalidArgument, permissionDenied, unimplemented] = [3, 7, 12];

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

/** Which attributes the namespace lacks. */
export async function lackingAttributes(server: AskedServer, namespace: string): Promise<LackingAttributes> {
  const listed = await server.operatorService.listSearchAttributes({ namespace }).catch((error: unknown) => {
    // Temporal Cloud lets nobody ask its operator's service.
    if (codeOf(error) === permissionDenied || codeOf(error) === unimplemented) return null;
    throw error;
  });
  if (listed === null) return { wrong: await unknownToQueries(server, namespace), taken: [] };
  const { customAttributes } = listed;
  const wrong = Object.entries(searchAttributeTypes)
    .filter(([name, type]) => Number(customAttributes[name]) !== indexedValueTypes[type])
    .map(([name]) => name);
  return { wrong, taken: wrong.filter((name) => customAttributes[name] !== undefined) };
}

/** The same by asking for runs: a query that names an attribute that is not there is refused. It does not tell the types. */
async function unknownToQueries(server: AskedServer, namespace: string): Promise<string[]> {
  const unknown: string[] = [];
  for (const name of Object.keys(searchAttributeTypes))
    await server.workflowService
      .countWorkflowExecutions({ namespace, query: `${name} IS NOT NULL` })
      .catch((error: unknown) => {
        if (codeOf(error) !== invalidArgument) throw error;
        unknown.push(name);
      });
  return unknown;
}

/** The commands that register attributes: of a server of one's own, and of Temporal Cloud. */
export function howToRegister(namespace: string, names: readonly string[]): string {
  const own = names.map((name) => `--name ${name} --type ${searchAttributeTypes[name] ?? ''}`).join(' ');
  const cloud = names
    .map((name) => `--search-attribute "${name}=${searchAttributeTypes[name] ?? ''}"`)
    .join(' ');
  return (
    `temporal operator search-attribute create --namespace ${namespace} ${own}` +
    ` (on Temporal Cloud: tcld namespace search-attributes add --namespace ${namespace} ${cloud})`
  );
}
