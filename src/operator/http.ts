import {createServer, type RequestListener, type Server} from 'node:http';
import type {Registry} from 'prom-client';
import {messageOf} from '../lib/exit.ts';

export type HttpOptions = {
  port: number;
  registry: Registry;
  /** Ready: the watches have told all that there is. A process that waits for the lead is ready too. */
  isReady: () => boolean;
};

/** /healthz (the event loop turns), /readyz and /metrics. Resolves when it listens; rejects when the port is taken. */
export const serveHttp = ({port, registry, isReady}: HttpOptions): Promise<Server> => {
  const handlers: Record<string, RequestListener> = {
    '/healthz': (_, response) => response.end('ok'),
    '/readyz': (_, response) => {
      response.statusCode = isReady() ? 200 : 503;
      response.end(isReady() ? 'ok' : 'the watches are not in sync yet');
    },
    '/metrics': (_, response) => {
      registry.metrics().then(
        text => {
          response.setHeader('content-type', registry.contentType);
          response.end(text);
        },
        thrown => {
          response.statusCode = 500;
          response.end(messageOf(thrown));
        },
      );
    },
  };
  const server = createServer((request, response) => {
    const handler = handlers[(request.url ?? '').split('?')[0] ?? ''];
    if (handler) return handler(request, response);
    response.statusCode = 404;
    response.end();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
};
