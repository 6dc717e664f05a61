/** Makes everything that is generated from the one hand-written CRD: wire types, the chart's copy, docs/api.md. */
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import * as yaml from 'js-yaml';
import {compile, type JSONSchema} from 'json-schema-to-typescript';

const ROOT = path.resolve(import.meta.dirname, '..');
const CRD_FILE = path.join(ROOT, 'crds/memoryprobe.dev_memoryprobes.yaml');

type Schema = {
  description?: string;
  type?: string;
  enum?: string[];
  default?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  [key: string]: unknown;
};
type Crd = {spec: {versions: [{schema: {openAPIV3Schema: Schema}}]}};

const source = readFileSync(CRD_FILE, 'utf8');
const crd = yaml.load(source) as Crd;
const schema = crd.spec.versions[0].schema.openAPIV3Schema;

/** The schema as a JSON Schema that says what the API server really stores: defaults are always filled in. */
const toJsonSchema = (node: Schema): Schema => {
  const children = Object.entries(node.properties ?? {});
  const filledIn = children.filter(([, child]) => child.default !== undefined).map(([name]) => name);
  return {
    ...node,
    ...(node.items && {items: toJsonSchema(node.items)}),
    ...(children.length > 0 && {
      properties: Object.fromEntries(children.map(([name, child]) => [name, toJsonSchema(child)])),
      required: [...(node.required ?? []), ...filledIn],
      additionalProperties: false,
    }),
    default: undefined,
    maxItems: undefined,
  };
};

const generateTypes = async (): Promise<string> => {
  const {metadata: _, ...properties} = schema.properties ?? {};
  const body = await compile(toJsonSchema({...schema, properties}) as JSONSchema, 'MemoryProbeBody', {
    bannerComment: '// Generated from crds/ by `make generate`. Do not edit.',
    style: {singleQuote: true, bracketSpacing: false},
  });
  return body;
};

const typeName = (node: Schema): string => {
  if (node.enum) return node.enum.map(value => `\`${value}\``).join(' or ');
  if (node['x-kubernetes-int-or-string'] === true) return 'quantity';
  return node.type ?? 'any';
};

const listFields = (node: Schema, prefix: string): string[] =>
  Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const at = prefix ? `${prefix}.${name}` : name;
    const fallback =
      child.default === undefined || typeof child.default === 'object' ? '' : `\`${child.default}\``;
    const row = `| \`${at}\` | ${typeName(child)} | ${fallback} | ${child.description ?? ''} |`;
    return [row, ...listFields(child, at), ...(child.items ? listFields(child.items, `${at}[]`) : [])];
  });

const generateDocs = (): string => {
  const rows = listFields(
    {properties: {spec: schema.properties?.spec ?? {}, status: schema.properties?.status ?? {}}},
    '',
  );
  return [
    '# API: MemoryProbe (memoryprobe.dev/v1alpha1)',
    '',
    'Generated from `crds/` by `make generate`.',
    '',
    '| field | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
};

const CRD_METADATA = `  labels:
    {{- include "memoryprobe.labels" . | nindent 4 }}
  {{- if .Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
`;

/** The chart templates the CRD (crds/ of a chart is never upgraded) and keeps it on uninstall. */
const generateChartCopy = (): string => {
  if (source.includes('{{')) throw new Error(`${CRD_FILE} has "{{", which Helm would take for a template`);
  const annotated = source.replace(/^metadata:\n {2}name: .*\n/m, line => line + CRD_METADATA);
  return `{{- /* Generated from crds/ by make generate. */ -}}\n{{- if .Values.crds.enabled }}\n${annotated}{{- end }}\n`;
};

const write = (file: string, text: string): void => {
  const target = path.join(ROOT, file);
  mkdirSync(path.dirname(target), {recursive: true});
  writeFileSync(target, text);
};

write('src/api/memory-probe.ts', await generateTypes());
write('docs/api.md', generateDocs());
write('charts/memoryprobe/templates/crd.yaml', generateChartCopy());
