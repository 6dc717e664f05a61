import path from 'node:path';
import * as yaml from 'js-yaml';
import {decodeSpec} from '../../src/api/decode.ts';
import {CHART, chartTest, runHelm} from '../helpers/helm.ts';

/** As helm prints them; without a cluster it sees no namespace, and so no label of one. */
const notesOf = (...flags: string[]): string => {
  const nowhere = ['--kubeconfig', path.join(CHART, 'no-such-file')];
  const words = ['install', 'mem', CHART, '--namespace', 'probes', '--dry-run=client', '-o', 'json'];
  return (JSON.parse(runHelm(...words, ...nowhere, ...flags)) as {info: {notes: string}}).info.notes;
};

chartTest('the notes say what to do next: test it, ask, read the verdict', t => {
  const steps = notesOf().split(/^\d\. /m);
  t.is(steps.length, 4);
  t.regex(steps[1] ?? '', /^ {2}helm test mem --namespace probes$/m);
  t.regex(steps[2] ?? '', /^ {2}kubectl apply -f - <<YAML$/m);
  t.regex(steps[3] ?? '', /^ {2}kubectl wait .*--for=condition=Complete/m);
});

chartTest('the probe in the notes is one that the schema lets in', t => {
  const [, text = ''] = /<<YAML\n([\s\S]*?)^ {2}YAML$/m.exec(notesOf()) ?? [];
  const {kind, spec} = yaml.load(text) as {kind: string; spec: {target: {podName: string}}};
  t.is(kind, 'MemoryProbe');
  t.is(decodeSpec({target: {podName: spec.target.podName.toLowerCase()}}).pressure.method, 'Balloon');
});

chartTest('the notes tell of the label that Pod Security wants, and of what an uninstall leaves', t => {
  const label = 'kubectl label namespace probes pod-security.kubernetes.io/enforce=privileged';
  t.true(notesOf().includes(label));
  t.true(notesOf().includes('kubectl delete crd memoryprobes.memoryprobe.dev'));
  t.false(notesOf('--set', 'crds.keep=false').includes('kubectl delete crd'));
});
