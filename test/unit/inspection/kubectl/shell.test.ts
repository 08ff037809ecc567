import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { kubectlTo } from '../../../../src/inspection/kubectl/shell.js';

describe('kubectl in a command to be pasted', () => {
  it('names no context where there is none', () => {
    expect(kubectlTo(undefined)).toBe('kubectl');
  });

  it('does not quote usual contexts', () => {
    for (const context of [
      'kind-lab',
      'gke_acme_europe-west1_prod',
      'arn:aws:eks:eu-west-1:012345678901:cluster/prod',
    ]) {
      expect(kubectlTo(context)).toBe(`kubectl --context ${context}`);
    }
  });

  it.each(['', "o'lab", 'my lab', '$(reboot)', 'a;b', '~', 'a\nb', 'labé'])(
    'passes %j to kubectl as one argument, in a real shell',
    async (context) => {
      const { stdout } = await execa('sh', ['-c', `kubectl() { printf '%s|' "$@"; }; ${kubectlTo(context)} -n kafka`]);
      expect(stdout).toBe(`--context|${context}|-n|kafka|`);
    },
  );
});
