import test, {type ExecutionContext} from 'ava';
import {findPrometheus} from './promtool.ts';

const findReason = (): string | undefined => {
  try {
    findPrometheus();
    return undefined;
  } catch {
    return 'skipped: no prometheus, and test/monitoring/build/prometheus.sh could not fetch it';
  }
};

/** Where decisions are made a missing Prometheus is a failure. */
const missing = process.env.CI === 'true' ? undefined : findReason();

/** A test that needs prometheus or promtool. */
export const prometheusTest = (title: string, body: (t: ExecutionContext) => void | Promise<void>): void => {
  if (missing === undefined) test(title, body);
  else test.skip(`${title} (${missing})`, body);
};
