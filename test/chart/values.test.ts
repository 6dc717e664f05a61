import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import * as yaml from 'js-yaml';
import {CHART, chartTest, type Manifest, renderChart} from '../helpers/helm.ts';

type Schema = {
  type?: string;
  additionalProperties?: boolean | Schema;
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
  items?: Schema;
  $ref?: string;
  [key: string]: unknown;
};

const schema = JSON.parse(readFileSync(path.join(CHART, 'values.schema.json'), 'utf8')) as Schema;
const values = yaml.load(readFileSync(path.join(CHART, 'values.yaml'), 'utf8')) as Record<string, unknown>;

/** Objects that let anything in, with the reason. */
const OPEN: Record<string, string> = {
  global: 'an umbrella chart shares its globals with every chart in it',
  kubernetesObject: 'the API server knows the fields of its own selectors and terms',
};

const children = ({properties, definitions, items, additionalProperties}: Schema): [string, Schema][] => [
  ...Object.entries({...properties, ...definitions}),
  ...(items ? [['items', items] as [string, Schema]] : []),
  ...(typeof additionalProperties === 'object' ? [['values', additionalProperties] as [string, Schema]] : []),
];
const objectsOf = (name: string, node: Schema): [string, Schema][] => [
  ...(node.type === 'object' ? [[name, node] as [string, Schema]] : []),
  ...children(node).flatMap(([child, inner]) => objectsOf(child, inner)),
];

test('no object of the schema lets an unknown name in, but those that must', t => {
  const open = objectsOf('values', schema)
    .filter(
      ([, {additionalProperties}]) => additionalProperties === undefined || additionalProperties === true,
    )
    .map(([name]) => name);
  t.deepEqual(open.sort(), Object.keys(OPEN).sort());
});

const resolve = (node: Schema | undefined): Schema =>
  node?.$ref ? resolve(schema.definitions?.[node.$ref.replace('#/definitions/', '')]) : (node ?? {});
const leavesOf = (value: unknown, node: Schema, at: string): [string, Schema][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) =>
        leavesOf(
          inner,
          resolve(node.properties?.[key] ?? (node.additionalProperties as Schema)),
          `${at}.${key}`,
        ),
      )
    : [[at, node]];

test('every value has a type, and every type a value with a comment', t => {
  for (const [at, node] of leavesOf(values, schema, ''))
    t.true(
      ['type', 'enum', 'anyOf'].some(key => key in node),
      at,
    );
  t.deepEqual(Object.keys(schema.properties ?? {}), Object.keys(values));
});

const REFUSED: Record<string, string> = {
  'workers=many': 'workers',
  'workers=65': 'workers',
  'wrokers=1': 'wrokers',
  'replicas=-1': 'replicas',
  'image.digest=sha256:12': 'digest',
  'image.repository=': 'repository',
  'image.sha=1': 'sha',
  'image.registry=https://registry.example': 'registry',
  'global.imageRegistry=registry.example/': 'imageRegistry',
  'imagePullSecrets={Not A Name}': 'imagePullSecrets',
  'resources.limits.memory=many': 'memory',
  'resources.claims=1': 'claims',
  'tolerations[0].keys=a': 'keys',
  'affinity.podAfinity.a=b': 'podAfinity',
  'logLevel=loud': 'logLevel',
  'crds.kept=true': 'kept',
  'networkPolicy.apiServerPorts={0}': 'apiServerPorts',
  'networkPolicy.apiServerCidrs={10.0.0.1}': 'apiServerCidrs',
  'nodeScope.allowed=perhaps': 'allowed',
};
for (const [flag, name] of Object.entries(REFUSED))
  chartTest(`a value is refused by its name: ${flag}`, t => {
    const error = t.throws(() => renderChart('--set', flag.replaceAll(' ', '\\ ')));
    t.true(error.message.includes(name), error.message);
  });

const imagesOf = (objects: Manifest[]): string[] => [
  ...new Set(JSON.stringify(objects).match(/[\w./:-]+memoryprobe\/(?:operator|balloon)[:@][\w.:-]+/g)),
];

chartTest('both images come from the mirror, by digest where there is one', t => {
  const digest = `sha256:${'a'.repeat(64)}`;
  t.deepEqual(imagesOf(renderChart()).sort(), [
    'localhost/memoryprobe/balloon:0.1.0',
    'localhost/memoryprobe/operator:0.1.0',
  ]);
  const mirrored = renderChart(
    ...['--set', 'global.imageRegistry=mirror.example:5000/team', '--set', `image.digest=${digest}`],
  );
  t.deepEqual(imagesOf(mirrored).sort(), [
    'mirror.example:5000/team/memoryprobe/balloon:0.1.0',
    `mirror.example:5000/team/memoryprobe/operator@${digest}`,
  ]);
});

chartTest('pull secrets of all charts and of this one serve the operator and its balloon pods', t => {
  const objects = renderChart(
    ...['--set', 'global.imagePullSecrets={shared,both}', '--set', 'imagePullSecrets={both,own}'],
  );
  const deployment = objects.find(({kind}) => kind === 'Deployment') as unknown as {
    spec: {template: {spec: {imagePullSecrets: object[]; containers: [{env: object[]}]}}};
  };
  const pod = deployment.spec.template.spec;
  t.deepEqual(pod.imagePullSecrets, [{name: 'shared'}, {name: 'both'}, {name: 'own'}]);
  t.deepEqual(
    pod.containers[0].env.filter(entry => JSON.stringify(entry).includes('PULL_SECRETS')),
    [{name: 'BALLOON_IMAGE_PULL_SECRETS', value: 'shared,both,own'}],
  );
});
