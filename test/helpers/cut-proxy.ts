import {connect, createServer, type Socket} from 'node:net';

/** A TCP proxy before an API server, whose connections a test can cut, or silence as a dead peer does. */
export type CutProxy = {
  port: number;
  connections: () => number;
  /** Resets what is open. */
  cut: () => void;
  /** Refuses new connections too, until `mend`. */
  refuse: () => void;
  /** What is open carries nothing any more, and nobody is told. */
  silence: () => void;
  mend: () => void;
  close: () => Promise<void>;
};

export const startCutProxy = async (target: {host: string; port: number}): Promise<CutProxy> => {
  const pairs = new Set<[Socket, Socket]>();
  let refusing = false;
  const server = createServer(client => {
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  return {
    port: (server.address() as {port: number}).port,
    connections: () => pairs.size,
    cut,
    refuse: () => {
      refusing = true;
      cut();
    },
    silence: () => {
      for (const [client, upstream] of pairs) {
        client.unpipe();
        upstream.unpipe();
        client.pause();
        upstream.pause();
      }
    },
    mend: () => {
      refusing = false;
    },
    close: async () => {
      cut();
      await new Promise(resolve => server.close(resolve));
    },
  };
};
