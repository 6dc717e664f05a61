import test from 'ava';
import {decodeSpec} from '../../src/api/decode.ts';
import type {Report} from '../../src/domain/report.ts';
import {decide} from '../../src/operator/decide.ts';
import type {Facts} from '../../src/operator/facts.ts';
import {aPod, aProbe, DIED, FINALIZED, IDENTITY, namesOf, RUNNING, someFacts, T0, underway} from './scene.ts';

type Row = {title: string; facts: Partial<Facts>; does: string[]};

const REPORT: Report = {
  version: 1,
  podUID: IDENTITY.podUID,
  containerID: IDENTITY.containerID,
  startTime: '2026-11-24T18:00:01Z',
  endTime: '2026-11-24T18:00:05Z',
  restored: true,
  evidence: {},
};
const FAILED: Report = {
  ...REPORT,
  failure: {reason: 'BoundaryChanged', message: 'somebody changed the limit'},
};
const GONE = {state: 'Lost', failure: {reason: 'TargetGone', message: 'gone'}} as const;
const DEAD_NODE = {name: 'n1', exists: false, underMemoryPressure: false};
const started = (change: object = {}) =>
  aProbe({status: underway('Squeezing'), metadata: {...FINALIZED, ...change}});
const deleted = started({deletionTimestamp: '2026-11-24T18:00:01Z'});
const complete = aProbe({
  status: {
    completionTime: '2026-11-24T18:00:05Z',
    conditions: [
      {
        type: 'Complete',
        status: 'True',
        reason: 'X',
        message: '',
        lastTransitionTime: '2026-11-24T18:00:05Z',
      },
    ],
  },
  metadata: FINALIZED,
});

const NODE_WIDE = decodeSpec({target: {podName: 'target'}, pressure: {scope: 'Node'}});

const NODE_ALLOWED = {
  nodeScopeAllowed: true,
  maxDeadlineSeconds: 86_400,
  requester: {user: 'ada', mayPressNodes: true},
};

const ROWS: Row[] = [
  {
    title: 'a fresh probe: whose pod it is is written down before the pod is made',
    facts: {},
    does: ['addFinalizer', 'status Scheduling', 'create balloon'],
  },
  {
    title: 'cut off before the pod was made: only that is left to do',
    facts: {probe: aProbe({status: underway('Scheduling'), metadata: FINALIZED})},
    does: ['create balloon'],
  },
  {title: 'another probe on the node', facts: {ahead: 'shop/other'}, does: ['status NodeBusy']},
  {
    title: 'a target that is not there yet',
    facts: {target: {state: 'Awaited', failure: {reason: 'TargetNotFound', message: 'none'}}},
    does: ['status WaitingForTarget'],
  },
  {
    title: 'a target that has not come in a minute',
    facts: {
      nowMs: T0 + 60_000,
      probe: aProbe({status: underway('WaitingForTarget')}),
      target: {state: 'Awaited', failure: {reason: 'TargetNotFound', message: 'none'}},
    },
    does: ['status TargetNotFound', 'recordEvent'],
  },
  {
    title:
      'scope Node where no administrator allows it: refused without looking for a target, and without a pod',
    facts: {
      spec: {ok: NODE_WIDE},
      target: {state: 'Awaited', failure: {reason: 'TargetNotFound', message: 'none'}},
    },
    does: ['status NotPermitted', 'recordEvent'],
  },
  {
    title: 'scope Node where it is allowed',
    facts: {spec: {ok: NODE_WIDE}, permission: NODE_ALLOWED},
    does: ['addFinalizer', 'status Scheduling', 'create balloon'],
  },
  {
    title: 'scope Node that is forbidden while it runs: it may end',
    facts: {spec: {ok: NODE_WIDE}, probe: started(), balloon: aPod(RUNNING)},
    does: [],
  },
  {
    title: 'scope Node of whom nobody knows who asks',
    facts: {spec: {ok: NODE_WIDE}, permission: {...NODE_ALLOWED, requester: {mayPressNodes: false}}},
    does: ['status NotPermitted', 'recordEvent'],
  },
  {
    title: 'scope Node that is asked for by somebody who may not',
    facts: {
      spec: {ok: NODE_WIDE},
      permission: {...NODE_ALLOWED, requester: {user: 'eve', mayPressNodes: false}},
    },
    does: ['status NotPermitted', 'recordEvent'],
  },
  {
    title: 'a namespace that is not opted in, where that is demanded',
    facts: {permission: {...NODE_ALLOWED, optedIn: false}},
    does: ['status NotPermitted', 'recordEvent'],
  },
  {
    title: 'a deadline longer than an administrator allows',
    facts: {permission: {...NODE_ALLOWED, maxDeadlineSeconds: 599}},
    does: ['status NotPermitted', 'recordEvent'],
  },
  {
    title: 'a namespace that is opted out while a probe of it runs: it may end',
    facts: {permission: {...NODE_ALLOWED, optedIn: false}, probe: started(), balloon: aPod(RUNNING)},
    does: [],
  },
  {
    title: 'a budget that is spent',
    facts: {spent: {of: 'namespace', limit: 5}},
    does: ['status BudgetSpent'],
  },
  {
    title: 'the stop switch before the start: it waits, and gets no pod',
    facts: {stop: {reason: 'incident 7'}},
    does: ['status StopSwitch'],
  },
  {
    title: 'the stop switch while a balloon pod runs: it goes at once',
    facts: {stop: {}, balloon: aPod(RUNNING), probe: started()},
    does: ['delete balloon-n1 5'],
  },
  {
    title: 'the stop switch before the balloon pod ran: there is nothing to wait for',
    facts: {stop: {}, balloon: aPod(), probe: started()},
    does: ['status StopSwitch', 'delete balloon-n1 5', 'recordEvent'],
  },
  {
    title: 'the stop switch, the pod ended by it',
    facts: {
      stop: {},
      balloon: aPod({...RUNNING, ended: true, deleteByMs: T0 + 5000, report: FAILED}),
      probe: started(),
    },
    does: ['status StopSwitch', 'delete balloon-n1 0', 'removeFinalizer', 'recordEvent'],
  },
  {
    title: 'the stop switch, the pod ended by it without a word: what it left is put right all the same',
    facts: {stop: {}, balloon: aPod({...DIED, deleteByMs: T0 + 5000}), probe: started()},
    does: ['create repair'],
  },
  {
    title: 'the stop switch, though the pod had ended before by itself: it is judged by what it reported',
    facts: {stop: {}, balloon: aPod({...RUNNING, ended: true, report: REPORT}), probe: started()},
    does: ['status ReportMissing', 'delete balloon-n1 0', 'removeFinalizer', 'recordEvent'],
  },
  {
    title: 'a spec that slipped past admission',
    facts: {spec: {error: 'spec.pressure.stepSize must be ...'}},
    does: ['status SpecInvalid', 'recordEvent'],
  },
  {
    title: 'a node under memory pressure is not pressed',
    facts: {node: {name: 'n1', exists: true, underMemoryPressure: true}},
    does: ['status WaitingForTarget'],
  },
  {
    title: 'a pod that starts quickly is not worth a line',
    facts: {balloon: aPod(), probe: started()},
    does: [],
  },
  {
    title: 'a running pod',
    facts: {balloon: aPod(RUNNING), probe: aProbe({status: underway('Scheduling'), metadata: FINALIZED})},
    does: ['status Squeezing'],
  },
  {title: 'nothing new', facts: {balloon: aPod(RUNNING), probe: started()}, does: []},
  {
    title: 'a target lost: the balloon goes first, the verdict waits for what it leaves',
    facts: {balloon: aPod(RUNNING), probe: started(), target: GONE},
    does: ['delete balloon-n1 5'],
  },
  {
    title: 'a target lost, the pod ending',
    facts: {balloon: aPod({...RUNNING, deleteByMs: T0 + 5000}), probe: started(), target: GONE},
    does: [],
  },
  {
    title: 'a target lost, the pod ended with a report that says so less well',
    facts: {
      balloon: aPod({...RUNNING, ended: true, deleteByMs: T0 + 5000, report: FAILED}),
      probe: started(),
      target: GONE,
    },
    does: ['status TargetGone', 'delete balloon-n1 0', 'removeFinalizer', 'recordEvent'],
  },
  {
    title: "the agent's own failure",
    facts: {balloon: aPod({...RUNNING, ended: true, report: FAILED}), probe: started()},
    does: ['status BoundaryChanged', 'delete balloon-n1 0', 'removeFinalizer', 'recordEvent'],
  },
  {
    title: 'a kubelet that does not end the pod',
    facts: {
      nowMs: T0 + 30_000,
      balloon: aPod({...RUNNING, deleteByMs: T0 + 5000}),
      probe: started(),
      target: GONE,
    },
    does: ['delete balloon-n1 0'],
  },
  {
    title: 'a pod that died without a report',
    facts: {balloon: aPod(DIED), probe: started()},
    does: ['create repair'],
  },
  {
    title: 'its repair under way',
    facts: {balloon: aPod(DIED), probe: started(), repair: aPod({name: 'repair-n1'})},
    does: [],
  },
  {
    title: 'its repair done',
    facts: {
      balloon: aPod(DIED),
      probe: started(),
      repair: aPod({name: 'repair-n1', ended: true, succeeded: true}),
    },
    does: [
      'status ReportMissing',
      'delete balloon-n1 0',
      'delete repair-n1 0',
      'removeFinalizer',
      'recordEvent',
    ],
  },
  {
    title: 'its repair never begun',
    facts: {
      nowMs: T0 + 60_000,
      balloon: aPod({...DIED, createdMs: T0}),
      probe: started(),
      repair: aPod({name: 'repair-n1'}),
    },
    does: ['status ReportMissing', 'delete balloon-n1 0', 'delete repair-n1 5', 'recordEvent', 'recordEvent'],
  },
  {title: 'a pod of which nothing is known any more', facts: {probe: started()}, does: ['create repair']},
  {
    title: 'a dead node: nobody could repair, nobody can be waited for',
    facts: {balloon: aPod(RUNNING), probe: started(), node: DEAD_NODE},
    does: ['status ReportMissing', 'delete balloon-n1 0', 'removeFinalizer', 'recordEvent'],
  },
  {
    title: 'deleted in the middle',
    facts: {balloon: aPod(RUNNING), probe: deleted},
    does: ['delete balloon-n1 5'],
  },
  {
    title: 'deleted, the pod still ending',
    facts: {balloon: aPod({...RUNNING, deleteByMs: T0 + 5000}), probe: deleted},
    does: [],
  },
  {
    title: 'deleted, the pod vanished after it had put everything back',
    facts: {balloon: aPod({...RUNNING, ended: true, present: false, report: FAILED}), probe: deleted},
    does: ['removeFinalizer'],
  },
  {
    title: 'deleted, the pod vanished without a word',
    facts: {balloon: aPod({...RUNNING, present: false}), probe: deleted},
    does: ['create repair'],
  },
  {
    title: 'deleted, the pod vanished with its node',
    facts: {balloon: aPod({...RUNNING, present: false}), probe: deleted, node: DEAD_NODE},
    does: ['removeFinalizer'],
  },
  {
    title: 'deleted and let go, though the watch has not said so yet',
    facts: {
      balloon: aPod({...RUNNING, present: false}),
      probe: started({deletionTimestamp: '2026-11-24T18:00:01Z', finalizers: []}),
    },
    does: [],
  },
  {
    title: 'complete, the pod still there',
    facts: {probe: complete, balloon: aPod(DIED)},
    does: ['delete balloon-n1 0', 'removeFinalizer'],
  },
  {
    title: 'complete, cut off before the finalizer was removed',
    facts: {probe: complete},
    does: ['removeFinalizer'],
  },
];

for (const {title, facts, does} of ROWS)
  test(title, t => t.deepEqual(namesOf(decide(someFacts(facts)).actions), does));

test('whatever is not over is looked at again', t => {
  const unfinished = ROWS.filter(({facts}) => facts.balloon && !facts.balloon.ended && facts.balloon.present);
  for (const {title, facts} of unfinished) {
    const {actions, requeueAfterMs} = decide(someFacts(facts));
    const isOver = namesOf(actions).includes('removeFinalizer');
    t.true(isOver || (requeueAfterMs ?? Number.NaN) > 0, title);
  }
});

test('a message that changes alone is not worth a write', t => {
  const probe = aProbe({status: {...underway('WaitingForTarget')}});
  const awaited = (message: string) =>
    decide(someFacts({probe, target: {state: 'Awaited', failure: {reason: 'TargetNotRunning', message}}}));
  t.deepEqual(awaited('ErrImagePull').actions, []);
  t.deepEqual(awaited('ImagePullBackOff').actions, []);
});

test('the verdict is never written after the pod with its evidence was deleted', t => {
  for (const {facts, title} of ROWS) {
    const names = namesOf(decide(someFacts(facts)).actions);
    const verdictAt = names.findIndex(name => name.startsWith('status'));
    const deleteAt = names.findIndex(name => name.startsWith('delete'));
    t.true(verdictAt === -1 || deleteAt === -1 || verdictAt < deleteAt, title);
  }
});

const messageOf = (facts: Partial<Facts>): string => {
  const [action] = decide(someFacts(facts)).actions;
  return action?.do === 'writeStatus'
    ? (action.status.message ?? action.status.conditions?.[0]?.message ?? '')
    : '';
};

test('a probe of another namespace is not named to whoever waits for it', t => {
  t.regex(messageOf({ahead: 'shop/other'}), /probe shop\/other comes first on node n1/);
  t.notRegex(messageOf({ahead: 'shopping/secret'}), /secret|shopping/);
  t.notRegex(messageOf({ahead: 'balloon-0123'}), /balloon-/);
});

test('what an administrator forbids is said with what to do about it', t => {
  const says = (permission: Partial<Facts['permission']>) =>
    messageOf({spec: {ok: NODE_WIDE}, permission: {...NODE_ALLOWED, ...permission}});
  t.regex(says({nodeScopeAllowed: false}), /nodeScope\.allowed=true/);
  t.regex(says({requester: {mayPressNodes: false}}), /annotation memoryprobe\.dev\/requested-by/);
  t.regex(
    says({requester: {user: 'eve', mayPressNodes: false}}),
    /"eve" may not squeeze-node .* namespace shop/,
  );
  t.regex(says({optedIn: false}), /kubectl label namespace shop memoryprobe\.dev\/probes=allowed/);
  t.regex(says({maxDeadlineSeconds: 60}), /deadlineSeconds is 600.*at most 60 .*budgets\.maxDeadlineSeconds/);
  t.regex(messageOf({stop: {reason: 'incident 7'}}), /incident 7/);
  t.regex(messageOf({spent: {of: 'cluster', limit: 3}}), /at most 3 probes.*budgets\.cluster/);
});
