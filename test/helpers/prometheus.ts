import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {findPrometheus, RULES_FILE} from '../monitoring/promtool.ts';

export type PromSample = {metric: Record<string, string>; value: number};
export type PromAlert = {labels: Record<string, string>; state: 'pending' | 'firing'; value: number};
export type PromRule = {name: string; health: string; lastError?: string};

/** A real Prometheus with the chart's rules, for as long as a test uses it. */
export type Prometheus = {
  /** What an expression has now. Rejects where Prometheus does not understand it. */
  query: (expr: string) => Promise<PromSample[]>;
  alerts: () => Promise<PromAlert[]>;
  rules: () => Promise<PromRule[]>;
};

const findPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  return port;
};

/** Asks one of the HTTP API's questions. */
const ask = async <T>(port: number, question: string): Promise<T> => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${question}`);
  const {status, data, error} = (await answer.json()) as {status: string; data: T; error?: string};
  if (status !== 'success') throw new Error(`Prometheus: ${question}: ${error}`);
  return data;
};

const awaitReady = async (port: number, isDead: () => boolean): Promise<void> => {
  const endMs = performance.now() + 30_000;
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined);
    if (ready?.ok) return;
    if (isDead() || performance.now() > endMs) throw new Error('Prometheus did not become ready');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};

type RawSample = {metric: Record<string, string>; value: [number, string]};

const connect = (port: number): Prometheus => ({
  query: async expr => {
    const {result} = await ask<{result: RawSample[]}>(port, `query?query=${encodeURIComponent(expr)}`);
    return result.map(({metric, value: [, text]}) => ({metric, value: Number(text)}));
  },
  alerts: async () => {
    const {alerts} = await ask<{alerts: (Omit<PromAlert, 'value'> & {value: string})[]}>(port, 'alerts');
    return alerts.map(alert => ({...alert, value: Number(alert.value)}));
  },
  rules: async () => (await ask<{groups: {rules: PromRule[]}[]}>(port, 'rules')).groups.flatMap(g => g.rules),
});

/** Runs one that scrapes each second what the configurations say; ends it whatever happens, with all that it stored. */
export const withPrometheus = async (
  scrapes: object[],
  use: (prometheus: Prometheus) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'prometheus-'));
  const config = path.join(folder, 'prometheus.yaml');
  const intervals = {scrape_interval: '1s', evaluation_interval: '1s'};
  writeFileSync(
    config,
    JSON.stringify({global: intervals, rule_files: [RULES_FILE], scrape_configs: scrapes}),
    {
      mode: 0o600,
    },
  );
  const port = await findPort();
  // It ends with us, whatever ends us.
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', path.join(findPrometheus(), 'prometheus'), `--config.file=${config}`],
      ...[`--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`],
    ],
    {stdio: 'ignore'},
  );
  const ended = once(child, 'exit');
  try {
    await awaitReady(port, () => child.exitCode !== null);
    await use(connect(port));
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, {recursive: true});
  }
};
