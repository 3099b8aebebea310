/** A missing search attribute makes every workflow task fail while the run shows Running: so a worker looks first. */
import type { NativeConnection } from '@temporalio/worker';
import { searchAttributeTypes } from '../contracts/search-attributes';

/** Thrown with the command that registers what is missing. */
class SearchAttributesError extends Error {
  override readonly name = 'SearchAttributesError';
}

/** The server's value types, by the protobuf enum. */
const typeNames: Readonly<Record<number, string>> = {
  1: 'Text',
  2: 'Keyword',
  3: 'Int',
  4: 'Double',
  5: 'Bool',
  6: 'Datetime',
  7: 'KeywordList',
};

/** Refuses, with the command to run, when the namespace lacks a search attribute or has it with another type. */
export async function checkSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const wrong = Object.entries(searchAttributeTypes).filter(
    ([name, type]) => typeNames[customAttributes[name] ?? 0] !== type,
  );
  if (wrong.length === 0) return;
  const taken = wrong.filter(([name]) => customAttributes[name] !== undefined);
  const attributes = wrong.map(([name, type]) => `--name ${name} --type ${type}`).join(' ');
  throw new SearchAttributesError(
    `Namespace ${namespace} lacks search attributes. Run: temporal operator search-attribute create --namespace ${namespace} ${attributes}` +
      (taken.length > 0
        ? ` (first remove ${taken.map(([name]) => name).join(', ')}, registered with another type)`
        : ''),
  );
}
