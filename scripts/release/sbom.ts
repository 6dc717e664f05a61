import {createHash} from 'node:crypto';
import type {Component} from './components.ts';

const describe = ({name, version, purl, licence, within, sha512}: Component): object => ({
  type: name === 'node' ? 'application' : 'library',
  'bom-ref': purl,
  name,
  version,
  purl,
  ...(licence && {licenses: [{expression: licence}]}),
  ...(sha512 && {hashes: [{alg: 'SHA-512', content: sha512}]}),
  properties: [{name: 'memoryprobe:within', value: within}],
});

/** A UUID that follows from the contents: the same release has the same SBOM. */
const uuidOf = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
};

/** CycloneDX 1.5, without a time: the same contents give the same bytes. */
export const renderSbom = (components: Component[], version: string): string => {
  const own = `pkg:generic/memoryprobe@${version}`;
  const described = components.map(describe);
  const sbom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([own, described]))}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: 'memoryprobe',
        version,
        purl: own,
        licenses: [{license: {id: 'MIT'}}],
      },
    },
    components: described,
    dependencies: [{ref: own, dependsOn: components.map(({purl}) => purl)}],
  };
  return `${JSON.stringify(sbom, undefined, 2)}\n`;
};
