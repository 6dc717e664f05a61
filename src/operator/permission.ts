import {NODE_SCOPE_VERB, OPT_IN_LABEL, REQUESTED_BY_ANNOTATION} from '../api/names.ts';
import type {ProbeSpec} from '../api/spec.ts';
import type {Failure} from '../domain/report.ts';
import type {Facts} from './facts.ts';

type Rule = (facts: Facts, spec: ProbeSpec) => string | undefined;

const namespaceNotOptedIn: Rule = ({permission: {optedIn}, probe}) =>
  optedIn === false
    ? `probes run only in namespaces that an administrator has labelled: kubectl label namespace ${probe.metadata.namespace} ${OPT_IN_LABEL.name}=${OPT_IN_LABEL.value}`
    : undefined;

const deadlineTooLong: Rule = ({permission: {maxDeadlineSeconds}}, {guards: {deadlineSeconds}}) =>
  deadlineSeconds > maxDeadlineSeconds
    ? `spec.guards.deadlineSeconds is ${deadlineSeconds}: a probe holds its node's turn for so long, and at most ${maxDeadlineSeconds} is allowed here (chart value budgets.maxDeadlineSeconds)`
    : undefined;

const nodeScopeOff: Rule = ({permission: {nodeScopeAllowed}}, {pressure: {scope}}) =>
  scope === 'Node' && !nodeScopeAllowed
    ? 'spec.pressure.scope Node presses everybody on the node, and that is not allowed here: an administrator allows it with the chart value nodeScope.allowed=true; scope Pod needs no permission'
    : undefined;

const nobodyAsks: Rule = ({permission: {requester}}) =>
  requester && requester.user === undefined
    ? `spec.pressure.scope Node needs the annotation ${REQUESTED_BY_ANNOTATION} with the name of the user who asks`
    : undefined;

const notAllowed: Rule = ({permission: {requester}, probe}) =>
  requester && !requester.mayPressNodes
    ? `user "${requester.user}" may not ${NODE_SCOPE_VERB} memoryprobes.memoryprobe.dev in namespace ${probe.metadata.namespace}, which spec.pressure.scope Node needs`
    : undefined;

const RULES: readonly Rule[] = [namespaceNotOptedIn, deadlineTooLong, nodeScopeOff, nobodyAsks, notAllowed];

/**
 * Why an administrator's rules do not let this probe start. The admission policy refuses the same, so this is for probes
 * that were there before a rule, and for a cluster whose policy somebody took away.
 */
export const refusalOf = (facts: Facts, spec: ProbeSpec): Failure | undefined => {
  for (const rule of RULES) {
    const message = rule(facts, spec);
    if (message !== undefined) return {reason: 'NotPermitted', message};
  }
  return undefined;
};
