import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import {
  type EnvironmentOptions,
  environmentChoice,
  withEnvironmentOptions,
} from '../../../src/cli/environment-option.js';
import { UsageError } from '../../../src/errors.js';
import type { EnvironmentChoice } from '../../../src/harness/environment-choice.js';

/** A machine with neither Java nor Docker. */
const BARE: NodeJS.ProcessEnv = { PATH: '', DOCKER_HOST: 'unix:///nowhere/docker.sock' };

async function chosen(...args: readonly string[]): Promise<EnvironmentChoice> {
  let options: EnvironmentOptions | undefined;
  const command = withEnvironmentOptions(new Command().exitOverride()).action((given: EnvironmentOptions) => {
    options = given;
  });
  command.parse(['node', 'remigrate', ...args]);
  if (options === undefined) throw new Error('no options were read');
  return environmentChoice({ ...options, timings: 'fast', keep: false }, ['0.45.1'], BARE, () => undefined);
}

describe('--env', () => {
  it('local needs no other option, and nothing is looked up', async () => {
    expect(await chosen('--env', 'local')).toEqual({ kind: 'local', timings: 'fast' });
  });

  it("containers uses Strimzi's image unless another is given, and nothing is looked up", async () => {
    expect(await chosen('--env', 'containers')).toMatchObject({ kind: 'containers', image: undefined, keep: false });
    expect(await chosen('--env', 'containers', '--image', 'mine:{kafka}')).toMatchObject({ image: 'mine:{kafka}' });
  });

  it('defaults to containers if an image is given', async () => {
    expect(await chosen('--image', 'mine')).toMatchObject({ kind: 'containers', image: 'mine' });
  });

  it('is refused with what to install if it is omitted on a machine without Java and Docker', async () => {
    const failure: unknown = await chosen().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toMatch(/no java on PATH.*openjdk-17.*Docker does not respond at unix:/);
  });

  it.each([
    [['--env', 'local', '--image', 'mine'], '--image requires --env containers.'],
    [['--env', 'kubernetes', '--context', 'lab', '--image', 'mine'], '--image requires --env containers.'],
    [['--env', 'containers', '--context', 'lab'], '--context requires --env kubernetes.'],
    [['--env', 'containers', '--kind'], '--kind requires --env kubernetes.'],
    [['--kind'], '--kind requires --env kubernetes.'],
    [['--env', 'kubernetes'], '--env kubernetes needs --context NAME'],
  ] as const)('%j is refused', async (args, sentence) => {
    await expect(chosen(...args)).rejects.toThrow(sentence);
  });
});
