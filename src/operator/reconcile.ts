import type {MemoryProbe} from '../kube/types.ts';
import type {Log} from '../lib/log.ts';
import type {Reconcile} from '../runtime/controller.ts';
import type {Decision} from './actions.ts';
import {apply, type Hands} from './apply.ts';
import {decide} from './decide.ts';
import {observe, type Sources} from './observe.ts';

export type ReconcileOptions = {
  sources: Sources;
  hands: Hands;
  log: Log;
};

/** Observe, decide, apply: one run for one probe. */
export const createReconcile =
  ({sources, hands, log}: ReconcileOptions): Reconcile =>
  async key => {
    const [namespace, name = ''] = key.split('/');
    const probe = sources.probes.byName(namespace, name);
    if (!probe) {
      sources.targets.stop(key);
      return {};
    }
    const {requeueAfterMs} = await act({sources, hands, log}, key, probe);
    return requeueAfterMs === undefined ? {} : {requeueAfterMs};
  };

/** A place that was claimed for a pod is given back at the end: from then on the pod counts, if there is one. */
const act = async (
  {sources, hands, log}: ReconcileOptions,
  key: string,
  probe: MemoryProbe,
): Promise<Decision> => {
  try {
    const decision = decide(await observe(sources, probe));
    const {actions} = decision;
    if (actions.length > 0) log.debug('acting', {key, actions: actions.map(action => action.do).join(' ')});
    await apply(hands, probe, actions);
    return decision;
  } finally {
    sources.budgets.release(probe.metadata.uid);
  }
};
