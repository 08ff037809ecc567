import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KindCluster, type KindOptions } from '../../../src/environments/kubernetes/kind-cluster.js';
import { EnvironmentError, UsageError } from '../../../src/errors.js';
import { type Folder, makeFolder } from '../distribution/fakes.js';

describe('KindCluster', () => {
  let folder: Folder;
  let run: AbortController;
  let steps: string[];

  beforeEach(async () => {
    folder = await makeFolder();
    run = new AbortController();
    steps = [];
  });
  afterEach(() => folder.delete());

  /** A `kind` that records its arguments and then runs `script`. */
  async function kind(script = ''): Promise<void> {
    await folder.program('bin/kind', `echo "$@" >>${folder.join('called')}\n${script}`);
  }

  async function docker(script = 'exit 0'): Promise<void> {
    await folder.program('bin/docker', script);
  }

  function create(options: Partial<KindOptions> = {}): Promise<KindCluster> {
    return KindCluster.create({
      name: 'ours',
      kubeconfig: folder.join('config'),
      env: { PATH: `${folder.join('bin')}:/usr/bin:/bin`, HOME: folder.path },
      signal: run.signal,
      progress: (step) => steps.push(step),
      ...options,
    });
  }

  async function called(): Promise<readonly string[]> {
    return (await readFile(folder.join('called'), 'utf8')).trim().split('\n');
  }

  async function refused(creation: Promise<unknown>): Promise<Error> {
    const error: unknown = await creation.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    if (error instanceof UsageError || error instanceof EnvironmentError) return error;
    throw new Error(`expected a UsageError or EnvironmentError, got: ${String(error)}`);
  }

  it('creates a cluster, loads images, and deletes the cluster, with its own kubeconfig', async () => {
    await kind();
    await docker();
    const cluster = await create({ image: 'node:1', configFile: '/some/kind.yaml', loadImages: ['a:1', 'b:2'] });
    expect(cluster.context).toBe('kind-ours');
    await Promise.all([cluster.delete(), cluster.delete()]);
    const config = folder.join('config');
    expect(await called()).toEqual([
      'get clusters',
      `create cluster --name ours --kubeconfig ${config} --wait 180s --image node:1 --config /some/kind.yaml`,
      'load docker-image a:1 b:2 --name ours',
      `delete cluster --name ours --kubeconfig ${config}`,
    ]);
  });

  it('says that kind is missing, and what to do', async () => {
    await docker();
    const error = await refused(create({ env: { PATH: folder.join('bin') } }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/kind is not on PATH: install it .* or use .*--context/);
  });

  it('says that Docker is missing', async () => {
    await kind();
    const error = await refused(create({ env: { PATH: folder.join('bin') } }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/docker is not on PATH.*install Docker/);
  });

  it('does not need Docker if kind is configured to use another engine', async () => {
    await kind();
    await create({ env: { PATH: `${folder.join('bin')}:/usr/bin:/bin`, KIND_EXPERIMENTAL_PROVIDER: 'podman' } });
    expect(await called()).toHaveLength(2);
  });

  it.each([
    [
      'permission denied while trying to connect to the Docker daemon socket',
      /not allowed to use Docker.*group docker/s,
    ],
    [
      'Cannot connect to the Docker daemon. Is the docker daemon running?',
      /Docker.* does not answer: start it.*Cannot connect/s,
    ],
  ])('explains Docker’s error "%s"', async (said, message) => {
    await kind();
    await docker(`echo "${said}" >&2; exit 1`);
    const error = await refused(create());
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });

  it('reports a missing image before it creates anything', async () => {
    await kind();
    await docker('test "$1" = version || exit 1');
    const error = await refused(create({ loadImages: ['absent:1'] }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/no image absent:1/);
    await expect(called()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('neither uses nor deletes an existing cluster of that name', async () => {
    await kind('echo theirs; echo ours');
    await docker();
    const error = await refused(create());
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/a kind cluster ours already exists/);
    expect(await called()).toEqual(['get clusters']);
  });

  it.each(['create', 'load'])('deletes what was created when "kind %s" fails, and says why', async (command) => {
    await kind(`if [ "$1" = ${command} ]; then echo "ERROR: the reason" >&2; exit 3; fi`);
    await docker();
    const error = await refused(create({ loadImages: ['a:1'] }));
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error.message).toMatch(
      new RegExp(`"kind ${command} [-a-z]+" failed \\(exit code 3\\):\\n +ERROR: the reason`),
    );
    expect((await called()).at(-1)).toMatch(/^delete cluster --name ours/);
  });

  it('deletes what was created when it is aborted', async () => {
    await kind('if [ "$1" = create ]; then echo begun; exec sleep 60; fi');
    await docker();
    const creation = create({
      progress: (step) => {
        if (step === 'kind: begun') run.abort(new Error('Ctrl-C'));
      },
    });
    await expect(creation).rejects.toThrow('Ctrl-C');
    expect((await called()).at(-1)).toMatch(/^delete cluster --name ours/);
  });
});
