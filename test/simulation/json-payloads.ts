/** Payloads as JSON and nothing else: whatever crosses the server must survive that, and encoding it in bytes shows nothing more. */
import type { Payload, PayloadConverter } from '@temporalio/common';

export const jsonPayloads: PayloadConverter = {
  toPayload: (value) => (value === undefined ? {} : ({ data: JSON.stringify(value) } as unknown as Payload)),
  fromPayload: <T>({ data }: Payload) => (data ? JSON.parse(data as unknown as string) : undefined) as T,
};
