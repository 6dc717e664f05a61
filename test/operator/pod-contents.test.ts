import test from 'ava';
import fc from 'fast-check';
import {decodeSpec} from '../../src/api/decode.ts';
import {SpecError} from '../../src/api/fields.ts';
import type {MemoryProbe, Pod} from '../../src/kube/types.ts';
import {buildPod} from '../../src/operator/balloon-pod.ts';
import {decide} from '../../src/operator/decide.ts';
import {findTarget} from '../../src/operator/target.ts';
import {CONFIG} from '../helpers/world.ts';
import {aProbe, someFacts} from './scene.ts';

const NUMBER = /^\d+(\.\d+)?$/;
const DNS = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const LABEL = /^[-\w./]*$/;
const QUOTED = /^[-\w.:/]+$/;

/** Every place of a balloon pod that may differ between two probes, and what may stand there. */
const PLACES: Record<string, RegExp> = {
  'metadata.name': /^balloon-[0-9a-f]{12}$/,
  'metadata.labels.memoryprobe.dev/probe-uid': QUOTED,
  'metadata.annotations.memoryprobe.dev/probe': /^[-a-z0-9.]+\/[-a-z0-9.]+$/,
  'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchFields.0.values.0':
    DNS,
  'spec.activeDeadlineSeconds': NUMBER,
  'settings.probe.namespace': DNS,
  'settings.probe.name': DNS,
  'settings.probe.uid': QUOTED,
  'settings.target.podName': DNS,
  'settings.target.podUID': QUOTED,
  'settings.target.container': DNS,
  'settings.target.containerID': QUOTED,
  'settings.target.nodeName': DNS,
  'settings.pressure.scope': /^(Pod|Node)$/,
  'settings.pressure.method': /^(Balloon|Reclaim|Observe)$/,
  'settings.rounds.stopEarly': /^(true|false)$/,
};
const isToleration = (place: string): boolean =>
  /^spec\.tolerations\.\d+\.(key|operator|value|effect|tolerationSeconds)$/.test(place);
/** All else that the agent is told is a number. */
const isSetting = (place: string): boolean =>
  /^settings\.(pressure|rounds|criteria|guards)\.\w+(\.(bytes|percent))?$/.test(place);
/** Two or three forms, chosen by spec.pressure.method: balloon-security.ts. */
const isSecurity = (place: string): boolean =>
  /^spec\.containers\.0\.(securityContext|volumeMounts\.0\.readOnly)/.test(place);

const flatten = (value: unknown, place = ''): [string, string][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => flatten(inner, place === '' ? key : `${place}.${key}`))
    : [[place, String(value)]];

type WithEnv = {spec: {containers: [{env: [{name: string; value: string}]}]}};

/** The settings are looked at value by value, the rest of the pod as it is. */
const open = (pod: object): Map<string, string> => {
  const [{env}] = structuredClone(pod as WithEnv).spec.containers;
  const settings = JSON.parse(env[0].value);
  const closed = structuredClone(pod) as WithEnv;
  closed.spec.containers[0].env[0].value = '';
  return new Map([...flatten(closed), ...flatten(settings, 'settings')]);
};

/** What somebody might put anywhere, and what is legal in some places. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('$(MEMORYPROBE_SETTINGS)', '../../etc', 'a;b', '{{.}}', 'evil:latest', '"},"image":"x'),
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/),
);
const anything = fc.oneof(text, fc.integer(), fc.boolean(), fc.dictionary(text, text, {maxKeys: 3}));
const withMore = (known: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .tuple(fc.record(known, {requiredKeys: []}), fc.dictionary(text, anything, {maxKeys: 3}))
    .map(([fields, more]) => ({...more, ...fields}));

/** Mostly legal: a probe that is refused proves nothing here. */
const mostly = (legal: fc.Arbitrary<unknown>, bad: unknown) =>
  fc.oneof({weight: 30, arbitrary: legal}, {weight: 1, arbitrary: fc.constant(bad)});

const spec = fc.record({
  target: fc
    .dictionary(text, anything, {maxKeys: 3})
    .map(more => ({...more, podName: 'target', container: 'app', selector: undefined})),
  pressure: withMore({
    scope: mostly(fc.constant('Pod'), 'Cluster'),
    method: fc.constantFrom('Balloon', 'Reclaim', 'Observe'),
    stepSize: mostly(fc.constantFrom('1Mi', '64Mi'), 'x'),
    maxSize: mostly(fc.constantFrom('1.5Gi', 5_000_000), '-1'),
  }),
  rounds: withMore({count: mostly(fc.integer({min: 1, max: 32}), 33), stopEarly: fc.boolean()}),
  criteria: withMore({
    expectedSize: mostly(fc.constantFrom('600Mi', 0), '$(x)'),
    idleSeconds: mostly(fc.nat(3600), 'x'),
  }),
  guards: withMore({
    minNodeAvailable: mostly(fc.constantFrom('10%', '2Gi'), '99%'),
    deadlineSeconds: mostly(fc.integer({min: 10, max: 86_400}), 5),
  }),
  image: text,
  template: anything,
});
const metadata = fc.record({
  labels: fc.dictionary(text, text, {maxKeys: 3}),
  annotations: fc.dictionary(text, text, {maxKeys: 3}),
  generateName: text,
});
const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/);
const label = fc.stringMatching(/^([A-Za-z0-9]([-\w.]{0,20}[A-Za-z0-9])?)?$/);
const toleration = fc.record(
  {key: label, operator: fc.constantFrom('Exists', 'Equal'), value: label, effect: label, image: text},
  {requiredKeys: []},
);

const targetOf = (nodeName: string, tolerations: object[], extra: object): Pod =>
  ({
    metadata: {...extra, name: 'target', namespace: 'shop', uid: '0b5f7c1e-1d5c-4c0e-9d64-1f3e8a0f2b11'},
    spec: {nodeName, tolerations, containers: [{name: 'app', image: 'evil', command: ['evil']}]},
    status: {
      phase: 'Running',
      containerStatuses: [{name: 'app', containerID: 'containerd://0123abcd', state: {running: {}}}],
    },
  }) as unknown as Pod;

/** The balloon pod that such a probe of such a target leads to; undefined where the spec is refused or nothing is started. */
const podOf = (probe: MemoryProbe, target: Pod): object | undefined => {
  try {
    const decoded = decodeSpec(probe.spec);
    const policy = {operatorNamespace: CONFIG.namespace, allowSystemTargets: false};
    const found = findTarget({namespace: 'shop', selection: decoded.target, pods: [target], policy});
    const {actions} = decide(someFacts({probe, spec: {ok: decoded}, target: found}));
    const [made] = actions.filter(action => action.do === 'createPod');
    return made && buildPod(made.order, CONFIG);
  } catch (thrown) {
    if (thrown instanceof SpecError) return undefined;
    throw thrown;
  }
};

const REFERENCE = open(podOf(aProbe(), targetOf('n1', [], {})) ?? {});

const formOf = (place: string): RegExp | undefined => {
  if (isToleration(place)) return LABEL;
  return PLACES[place] ?? (isSetting(place) ? NUMBER : undefined);
};

/** What stands there though nothing of a probe may, and what the kubelet would expand (`$(NAME)`). */
const intruders = (pod: object): string[] =>
  [...open(pod)]
    .filter(([place, value]) => REFERENCE.get(place) !== value && !isSecurity(place))
    .filter(([place, value]) => value.includes('$(') || !formOf(place)?.test(value))
    .map(([place, value]) => `${place} is ${JSON.stringify(value)}`);

const someProbe = fc
  .tuple(spec, metadata)
  .map(([given, more]) => ({...aProbe({metadata: more}), spec: given}) as unknown as MemoryProbe);
const someTarget = fc
  .tuple(name, fc.array(toleration, {maxLength: 3}), metadata)
  .map(([node, tolerations, more]) => targetOf(node, tolerations, more));

test('nothing of a probe or its target reaches the balloon pod but numbers, choices and names', t => {
  let pods = 0;
  fc.assert(
    fc.property(someProbe, someTarget, (probe, target) => {
      const pod = podOf(probe, target);
      if (!pod) return;
      pods += 1;
      t.deepEqual(intruders(pod), []);
    }),
    {numRuns: 2000},
  );
  t.true(pods > 500, `only ${pods} of the probes led to a pod`);
});

test('what does not belong there is found', t => {
  const pod = podOf(aProbe(), targetOf('n1', [], {}));
  t.deepEqual(intruders({...pod, metadata: {labels: {app: 'x'}}}), ['metadata.labels.app is "x"']);
  t.is(intruders({...pod, kind: '$(x)'}).length, 1);
});
