import test from 'ava';
import type {Component} from '../../scripts/release/components.ts';
import {checkLicences, renderLicences} from '../../scripts/release/licences.ts';

const component = (name: string, licence?: string): Component => ({
  name,
  version: '1.0.0',
  purl: `pkg:npm/${name}@1.0.0`,
  within: 'the bundles',
  ...(licence !== undefined && {licence}),
});

test('accepted licences pass, and a choice with an accepted one', t => {
  t.notThrows(() => checkLicences([component('a', 'MIT'), component('b', '(MIT OR SSPL-1.0)')]));
});

for (const licence of ['SSPL-1.0', 'AGPL-3.0-only', 'SEE LICENSE IN EULA', 'MIT AND SSPL-1.0'])
  test(`a component under ${licence} ends the release, by its name`, t => {
    t.throws(() => checkLicences([component('fine', 'ISC'), component('odd', licence)]), {
      message: `unknown licences: pkg:npm/odd@1.0.0 (${licence}); read them, then add them to scripts/release/licences.ts or do without the package`,
    });
  });

test('a component that tells no licence ends the release', t => {
  t.throws(() => checkLicences([component('silent')]), {message: /silent@1\.0\.0 \(no licence told\)/});
});

test('the list has every component, and the texts that there are', t => {
  const list = renderLicences([{...component('a', 'MIT'), text: 'Permission is hereby granted'}], '1.2.3');
  t.regex(list, /\| a \| 1\.0\.0 \| MIT \| the bundles \|/);
  t.regex(list, /## a 1\.0\.0\n\n {4}Permission is hereby granted/);
});
