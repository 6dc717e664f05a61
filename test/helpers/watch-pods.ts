import type {Rest} from '../../src/kube/rest.ts';
import {PODS, type Pod} from '../../src/kube/types.ts';
import {runWatch, type WatchSink} from '../../src/kube/watch.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {silentLog} from '../../src/lib/log.ts';

/** Tells of every pod of a component, from now on, however short its life. What it returns ends the watch. */
export const watchPods = (
  rest: Rest,
  namespace: string,
  component: string,
  sink: WatchSink<Pod>,
): (() => Promise<void>) => {
  const stopping = new AbortController();
  const watching = runWatch<Pod>({
    rest,
    type: PODS,
    namespace,
    selection: {labelSelector: `app.kubernetes.io/component=${component}`},
    sink,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    signal: stopping.signal,
  });
  return async () => {
    stopping.abort();
    await watching;
  };
};
