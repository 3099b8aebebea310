/** Fields whose values are names of the registries, for those who know them; workflows do not. */
import * as v from 'valibot';
import { processorNames } from '../plan/registry';
import { analyticsTables, rawTables } from '../tables/catalogue';
import type { InputTableName } from './phase3';

export const processor = v.pipe(
  v.picklist(processorNames),
  v.metadata({ code: 'unknown_processor' }),
  v.description(`one of ${processorNames.join(', ')}`),
);

/** Some of the processors. */
export const processors = v.pipe(
  v.array(processor),
  v.maxLength(50),
  v.description(`a list of processors, such as ["${processorNames[0]}"]`),
);

/** Tables that processors read, by their bare names. */
const inputTableNames = [...Object.keys(rawTables), ...Object.keys(analyticsTables)] as InputTableName[];

export const inputTable = v.pipe(
  v.picklist(inputTableNames),
  v.metadata({ code: 'unknown_table' }),
  v.description(`one of ${inputTableNames.join(', ')}`),
);
