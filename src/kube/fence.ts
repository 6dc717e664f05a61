import type {Lead} from './lead.ts';
import {DEFAULT_TIMEOUT_MS, type Rest} from './rest.ts';

/**
 * The same API, whose writes need the lead: it is asked for at the last moment before each goes out, and none is waited for
 * longer than it lasts. A write that may not go out is the fault Withheld.
 */
export const fenceWrites = (rest: Rest, lead: Lead): Rest => ({
  stream: rest.stream,
  call: call =>
    call.method === 'GET'
      ? rest.call(call)
      : rest.call({
          ...call,
          timeoutMs: Math.min(call.timeoutMs ?? DEFAULT_TIMEOUT_MS, Math.ceil(lead.leftMs())),
          mayGoOut: () => lead.leftMs() > 0,
        }),
});
