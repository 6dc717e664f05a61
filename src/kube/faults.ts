/** What went wrong with a request, in the few kinds that callers act on. */
export type FaultKind =
  | 'NotFound'
  | 'AlreadyExists'
  /** The object is no longer the one that was meant: resourceVersion or uid differ. */
  | 'Conflict'
  /** The resourceVersion or the list's continuation is too old. */
  | 'Expired'
  | 'Unauthorized'
  | 'Forbidden'
  /** The server refuses the object itself. */
  | 'Invalid'
  | 'Throttled'
  | 'ServerError'
  | 'Timeout'
  /** No answer at all: connection refused or cut. */
  | 'Unreachable'
  /** It was not sent: whoever wanted it may not write any more. */
  | 'Withheld';

/** The parts of metav1.Status that are looked at. */
export type StatusBody = {
  kind?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: {retryAfterSeconds?: number; causes?: {field?: string; message?: string}[]};
};

/** A request that failed. The message names the request and what the server said, never a body or a header. */
export class ApiFault extends Error {
  override name = 'ApiFault' as const;
  readonly kind: FaultKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    details: {status?: number; retryAfterMs?: number; cause?: unknown} = {},
  ) {
    super(message, {cause: details.cause});
    this.kind = kind;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const MESSAGE_LIMIT = 1024;

/** The fault that a server's answer with a status of 400 or more means. */
export const faultOfAnswer = (request: string, status: number, body: string): ApiFault => {
  const parsed = parseStatus(body);
  const said = (parsed?.message ?? body.trim().split('\n')[0] ?? '').slice(0, MESSAGE_LIMIT);
  const seconds = parsed?.details?.retryAfterSeconds;
  return new ApiFault(kindOf(status, parsed?.reason), `${request}: ${status} ${said}`, {
    status,
    ...(seconds !== undefined && {retryAfterMs: seconds * 1000}),
  });
};

/** The fault that an ERROR event of a watch means. */
export const faultOfWatchError = (request: string, status: StatusBody): ApiFault =>
  faultOfAnswer(request, status.code ?? 500, JSON.stringify(status));

/** The fault that an exception of the HTTP client means: there was no answer. */
export const faultOfException = (request: string, thrown: unknown): ApiFault => {
  if (thrown instanceof ApiFault) return thrown;
  const {name, code, message} = thrown as {name?: string; code?: string; message?: string};
  const timedOut =
    name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  return new ApiFault(timedOut ? 'Timeout' : 'Unreachable', `${request}: ${message ?? String(thrown)}`, {
    cause: thrown,
  });
};

const parseStatus = (body: string): StatusBody | undefined => {
  try {
    const parsed = JSON.parse(body) as StatusBody;
    return parsed?.kind === 'Status' ? parsed : undefined;
  } catch {
    // A proxy or a server that is starting answers in plain text.
    return undefined;
  }
};

const KIND_OF_STATUS: Record<number, FaultKind> = {
  400: 'Invalid',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'Throttled',
  504: 'Timeout',
};

const kindOf = (status: number, reason: string | undefined): FaultKind =>
  reason === 'AlreadyExists' ? 'AlreadyExists' : (KIND_OF_STATUS[status] ?? 'ServerError');

/** Whether something thrown is a fault of one of these kinds. */
export const isFault = (thrown: unknown, ...kinds: FaultKind[]): thrown is ApiFault =>
  thrown instanceof ApiFault && (kinds.length === 0 || kinds.includes(thrown.kind));

/** Faults that pass by themselves: to be retried without alarm. */
export const isPassing = (thrown: unknown): boolean =>
  isFault(thrown, 'Conflict', 'Expired', 'Throttled', 'ServerError', 'Timeout', 'Unreachable', 'Withheld');
