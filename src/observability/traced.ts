/** Spans of what is done, where somebody collects them; without a collector nothing is made and nothing is kept. */
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';

let isOn = false;

/** From now on spans are made: a provider is registered. */
export function tracingStarted(): void {
  isOn = true;
}

export function isTracing(): boolean {
  return isOn;
}

/** Does `work` in a span of this name; what it throws is the span's error, and is thrown on. */
export async function traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (!isOn) return work();
  return trace.getTracer('phase3').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function failed(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** A span that goes on beyond a call. */
export interface StartedSpan {
  /** Does `work` as a part of it. */
  readonly continues: (work: () => void) => void;
  readonly end: (attributes: Attributes) => void;
}

/** Starts a span in the trace that a `traceparent` names; in a new one without it. */
export function startSpan(
  name: string,
  attributes: Attributes,
  traceparent: string | undefined,
): StartedSpan {
  const parent = contextOf(traceparent);
  const span = trace.getTracer('phase3').startSpan(name, { attributes, kind: SpanKind.SERVER }, parent);
  const within = trace.setSpan(parent, span);
  return {
    continues: (work) => context.with(within, work),
    end: (more) => span.setAttributes(more).end(),
  };
}

/** Does `work` as a part of the trace that a `traceparent` names; of a new one without it. */
export function continued<T>(traceparent: string | undefined, work: () => Promise<T>): Promise<T> {
  return isOn ? context.with(contextOf(traceparent), work) : work();
}

/** The active span as others are told of it: a `traceparent` by https://www.w3.org/TR/trace-context/; none without a span. */
export function traceparentNow(): { readonly traceparent?: string } {
  const found = isOn ? trace.getActiveSpan()?.spanContext() : undefined;
  if (!found) return {};
  const flags = found.traceFlags.toString(16).padStart(2, '0');
  return { traceparent: `00-${found.traceId}-${found.spanId}-${flags}` };
}

/** The trace of a `traceparent`, or of the active span, as log lines carry it. */
export function traceIds(traceparent?: string): { readonly trace_id?: string; readonly span_id?: string } {
  const [, traceId, spanId] = parsed(traceparent ?? traceparentNow().traceparent) ?? [];
  return traceId === undefined || spanId === undefined ? {} : { trace_id: traceId, span_id: spanId };
}

const parsed = (traceparent: string | undefined): RegExpExecArray | null =>
  /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');

function contextOf(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = parsed(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
