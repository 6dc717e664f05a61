import {type Dispatcher, request} from 'undici';
import type {Access} from './access.ts';
import {ApiFault, faultOfAnswer, faultOfException} from './faults.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Record<string, string | number | boolean | undefined>;

export type Call = {
  method: Method;
  /** From the root, already encoded: `/api/v1/nodes/n1`. */
  path: string;
  query?: Query;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Asked at the last moment before the request goes out; false: it does not, and the fault is Withheld. */
  mayGoOut?: () => boolean;
};

/** One answered request, for metrics. A request without an answer has the code `<error>`, as in client-go. */
export type CallRecord = {method: Method; code: string; write: boolean};

/**
 * The Kubernetes API as JSON over HTTP. Reads and watches give the same plain JSON (times are strings), which
 * client-node's generated classes do not.
 */
export type Rest = {
  /** The answer's body. Rejects with ApiFault. */
  call: <T>(call: Call) => Promise<T>;
  /** The body as it comes in; for watches. Rejects with ApiFault. `silenceMs`: most time between two chunks. */
  stream: (call: Call & {silenceMs: number}) => Promise<AsyncIterable<Uint8Array>>;
};

export type RestOptions = {
  access: Access;
  userAgent: string;
  record?: (call: CallRecord) => void;
  /** Is told the server's own time with each answer: the header `date`. */
  noteDate?: (date: string) => void;
};

export const DEFAULT_TIMEOUT_MS = 10_000;

export const createRest = (options: RestOptions): Rest => {
  const send = async (
    call: Call,
    bodyTimeoutMs: number,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const {headers, dispatcher} = await options.access.authorize();
    return request(`${options.access.server}${call.path}${encodeQuery(call.query)}`, {
      method: call.method,
      dispatcher: call.mayGoOut ? withGate(dispatcher, call, call.mayGoOut) : dispatcher,
      signal,
      bodyTimeout: bodyTimeoutMs,
      headersTimeout: DEFAULT_TIMEOUT_MS,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(call.body !== undefined && {'content-type': call.contentType ?? 'application/json'}),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    });
  };

  const answer = async (
    call: Call,
    bodyTimeoutMs: number,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const record = (code: string) =>
      options.record?.({method: call.method, code, write: call.method !== 'GET'});
    try {
      const response = await send(call, bodyTimeoutMs, signal);
      record(String(response.statusCode));
      options.noteDate?.(String(response.headers.date));
      if (response.statusCode < 400) return response;
      throw faultOfAnswer(nameOf(call), response.statusCode, await response.body.text());
    } catch (thrown) {
      const fault = faultOfException(nameOf(call), thrown);
      if (fault.status === undefined) record('<error>');
      throw fault;
    }
  };

  return {
    call: async <T>(call: Call): Promise<T> => {
      const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const timeout = AbortSignal.timeout(timeoutMs);
      const response = await answer(
        call,
        timeoutMs,
        call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
      );
      try {
        return (await response.body.json()) as T;
      } catch (thrown) {
        throw faultOfException(nameOf(call), thrown);
      }
    },
    stream: async call => {
      const response = await answer(call, call.silenceMs, call.signal ?? new AbortController().signal);
      return withFaults(nameOf(call), response.body);
    },
  };
};

/**
 * Asks when the bytes are about to go out: getting a connection may have taken a while, or the process been stopped. By
 * HTTP/1.1 they then go out at once; node:http2 sends them at the end of the event loop's turn.
 */
const withGate = (dispatcher: Dispatcher, call: Call, mayGoOut: () => boolean): Dispatcher =>
  dispatcher.compose(dispatch => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (...args) => {
      if (!mayGoOut()) throw new ApiFault('Withheld', `${nameOf(call)}: not sent`);
      start?.(...args);
    };
    return dispatch({...options, allowH2: false} as Dispatcher.DispatchOptions, handler);
  });

/** What a fault's message calls the request. */
const nameOf = ({method, path}: Call): string => `${method} ${path}`;

const encodeQuery = (query: Query = {}): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
};

/** The same chunks; a connection that breaks is an ApiFault. */
async function* withFaults(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (thrown) {
    throw faultOfException(name, thrown);
  }
}
