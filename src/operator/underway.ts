import type {Action} from './actions.ts';
import type {Facts} from './facts.ts';
import {conditionsOf, describeUnderway, identityOf, type Underway} from './status.ts';

/**
 * The status of a probe under way, if it is worth a write: a new stage, another target, or another probe ahead. A
 * message that changes alone (a pod that flaps between two pull errors) is not.
 */
export const reportUnderway = ({probe, nowMs}: Facts, underway: Underway): Action[] => {
  const told = conditionsOf(probe).find(({type}) => type === 'Reconciling');
  const {stage, message} = underway.lifecycle;
  const sameStage = told?.reason === stage && (stage !== 'NodeBusy' || told.message === message);
  const sameTarget =
    underway.target === undefined || JSON.stringify(identityOf(probe)) === JSON.stringify(ordered(underway));
  if (sameStage && sameTarget) return [];
  return [{do: 'writeStatus', status: describeUnderway(probe, nowMs, underway)}];
};

/** The same order of keys as identityOf gives, so that texts can be compared. */
const ordered = ({target}: Underway) =>
  target && {
    podName: target.podName,
    podUID: target.podUID,
    container: target.container,
    containerID: target.containerID,
    nodeName: target.nodeName,
  };
