/** What is proved of `verify` on either warehouse: the same nights, touched by hand in each one's SQL. */
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { datesToVerify, type DatesWanted } from '../../src/verify/verified-dates';
import { verifyDate, type VerifiedDate } from '../../src/verify/verify-date';

/** Verifies the dates as the worker does, by the clock of the machine. */
export async function verify(warehouse: Warehouse, wanted: DatesWanted): Promise<VerifiedDate[]> {
  const policy = policyNow(defaultPolicySettings, {}, () => new Date());
  const verified: VerifiedDate[] = [];
  for (const date of await datesToVerify(warehouse, wanted))
    verified.push(await verifyDate(warehouse, date, policy));
  return verified;
}

/** What was found, date by date: `date table finding`; nothing where all is as published. */
export function findingsOf(dates: readonly VerifiedDate[]): string[] {
  return dates.flatMap(({ gameDate, tables }) =>
    tables.flatMap(({ table, findings }) => findings.map((finding) => `${gameDate} ${table} ${finding}`)),
  );
}
