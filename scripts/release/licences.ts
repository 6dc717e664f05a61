import type {Component} from './components.ts';

/** What may be in a release: nothing here asks for more than its text and, for the libraries, that they can be replaced. */
const ACCEPTED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'GPL-3.0-or-later WITH GCC-exception-3.1',
  'ISC',
  'LGPL-2.1-or-later',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** Of `A OR B` one accepted licence is enough. */
const isAccepted = (licence: string): boolean =>
  licence
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some(choice => ACCEPTED.has(choice));

/** Throws one sentence that names every component whose licence is absent or not accepted. */
export const checkLicences = (components: Component[]): void => {
  const refused = components.filter(({licence}) => licence === undefined || !isAccepted(licence));
  if (refused.length === 0) return;
  const names = refused.map(({purl, licence}) => `${purl} (${licence ?? 'no licence told'})`);
  throw new Error(
    `unknown licences: ${names.join(', ')}; read them, then add them to scripts/release/licences.ts or do without the package`,
  );
};

/** The list for people, as Markdown, with the texts that are not in the images. */
export const renderLicences = (components: Component[], version: string): string =>
  [
    `# What others wrote and MemoryProbe ${version} ships`,
    '',
    "Debian's texts and Node's, with those of all that is in Node, are in the images under /usr/share/doc; npm packages' are below.",
    '',
    '| name | version | licence (SPDX) | in |',
    '| --- | --- | --- | --- |',
    ...components.map(
      ({name, version: its, licence, within}) => `| ${name} | ${its} | ${licence} | ${within} |`,
    ),
    ...components.flatMap(({name, version: its, text}) =>
      text === undefined
        ? []
        : [
            '',
            `## ${name} ${its}`,
            '',
            ...text
              .trim()
              .split('\n')
              .map(line => `    ${line}`),
          ],
    ),
    '',
  ].join('\n');
