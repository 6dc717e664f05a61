import {STOP_SWITCH_NAME} from '../api/names.ts';
import type {Cache} from '../kube/cache.ts';
import {type Followed, follow, type WatchContext} from '../kube/follow.ts';
import {CONFIG_MAPS, type ConfigMap} from '../kube/types.ts';
import type {Facts} from './facts.ts';

/** It goes into the status of everybody's probes. */
const MAX_REASON_LENGTH = 200;

/** Watches the one ConfigMap whose presence stops everything: nothing in it has to be right for that. */
export const followStopSwitch = (
  context: WatchContext,
  namespace: string,
  signal: AbortSignal,
  notify: () => void,
): Followed<ConfigMap> =>
  follow(
    context,
    {type: CONFIG_MAPS, namespace, selection: {fieldSelector: `metadata.name=${STOP_SWITCH_NAME}`}},
    signal,
    notify,
  );

/** Undefined while it is off. `data.reason` is told to whoever asks why. */
export const readStopSwitch = (cache: Cache<ConfigMap>): Facts['stop'] => {
  const [configMap] = cache.all;
  if (!configMap) return undefined;
  const reason = configMap.data?.reason?.trim().slice(0, MAX_REASON_LENGTH);
  return reason ? {reason} : {};
};

export const sayWhy = ({reason}: {reason?: string}): string => (reason === undefined ? '' : `: ${reason}`);
