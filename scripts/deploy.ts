/**
 * Installs or upgrades the operator with Helm: `make deploy`. On the embedded cluster the images are loaded into every
 * node first; an existing cluster (CONTEXT) pulls them from IMAGE_REPOSITORY. SET has more of the chart's values.
 */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {findCluster} from './cluster-access.ts';
import {ROOT, read, secondsSince} from './run.ts';

const NAMESPACE = 'memoryprobe-system';
const IMAGES = path.join(ROOT, 'build/images/all.tar');
const {CONTEXT, IMAGE_REPOSITORY = '', VERSION = '', SET = ''} = process.env;
const cluster = findCluster(CONTEXT);

const loadImages = async (): Promise<void> => {
  const began = performance.now();
  await read(['make', '--silent', '--no-print-directory', 'cluster-load', `TAR=${IMAGES}`]);
  console.log(`images loaded in ${secondsSince(began)}`);
};

/** Balloon pods are privileged, and live only in the operator's own namespace. */
const ensureNamespace = async (): Promise<void> => {
  const labels = {'pod-security.kubernetes.io/enforce': 'privileged'};
  const namespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: NAMESPACE, labels}};
  await read([...cluster.kubectl, 'apply', '-f', '-'], JSON.stringify(namespace));
};

/** The tag stays while the contents change, so the digest is what makes the operator roll. */
const digestOf = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);

const install = async (): Promise<void> => {
  const began = performance.now();
  const values = [
    'image.registry=',
    'balloonImage.registry=',
    `image.repository=${IMAGE_REPOSITORY}/operator`,
    `balloonImage.repository=${IMAGE_REPOSITORY}/balloon`,
    `image.tag=${VERSION}`,
    `balloonImage.tag=${VERSION}`,
    ...SET.split(/\s+/).filter(Boolean),
  ];
  const annotation = `podAnnotations.memoryprobe\\.dev/image=${digestOf(IMAGES)}`;
  await read([
    ...cluster.helm,
    ...[
      'upgrade',
      '--install',
      'memoryprobe',
      path.join(ROOT, 'charts/memoryprobe'),
      '--namespace',
      NAMESPACE,
    ],
    ...values.flatMap(value => ['--set', value]),
    ...['--set-string', annotation, '--wait', '--timeout', '120s'],
  ]);
  console.log(`operator ${VERSION} is ready on ${cluster.title} after ${secondsSince(began)}`);
};

try {
  if (cluster.embedded) await loadImages();
  await ensureNamespace();
  await install();
} catch (error) {
  console.error(`deploy: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
