import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KafkaImage } from '../../../../src/environments/containers/kafka-image.js';
import { startScript } from '../../../../src/environments/containers/start-script.js';
import type { NodeLaunch } from '../../../../src/environments/node-runtime.js';
import { type Folder, makeFolder } from '../../distribution/fakes.js';

const FORMAT = { clusterId: '-Its id', metadataVersion: '3.9' };

describe("a node's start in its container", () => {
  let folder: Folder;
  let image: KafkaImage;
  beforeEach(async () => {
    folder = await makeFolder();
    await folder.write('tmp/remigrate/node.properties', 'a=b\n');
    // Formats as the storage tool does, and records each call.
    const java = await folder.program(
      'java',
      `echo "$@" >> ${folder.join('calls')}\ncase "$*" in *StorageTool*) touch ${folder.join('log/meta.properties')};; esac`,
    );
    image = { name: 'mine', home: "/opt/it's kafka", java, archives: [] };
  });
  afterEach(() => folder.delete());

  const launch = (
    start: Partial<NodeLaunch['start']>,
    role: NodeLaunch['node']['role'] = 'controller',
  ): NodeLaunch => ({
    node: { role, nodeId: 1, pod: `my-cluster-${role}-1` },
    serverConfig: {},
    start: { mode: 'kraft', format: undefined, deleteMetadataLog: false, deleteQuorumState: false, ...start },
  });

  /** Runs the script with this folder for the container's /tmp; returns the JVMs that it started. */
  async function run(start: NodeLaunch, of: KafkaImage = image, logFolder: string | undefined = folder.join('log')) {
    await folder.write('log/.there', '');
    const script = startScript(of, start, logFolder).replaceAll('/tmp/remigrate/', `${folder.join('tmp/remigrate')}/`);
    execFileSync('/bin/sh', [
      '-c',
      script.replaceAll(' /tmp/node.properties', ` ${folder.join('tmp/node.properties')}`),
    ]);
    return (await readFile(folder.join('calls'), 'utf8')).trimEnd().split('\n');
  }

  it('formats an empty volume, and starts the node', async () => {
    const calls = await run(launch({ format: FORMAT }));
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatch(/kafka\.tools\.StorageTool format -t=-Its id -r=3\.9 -c=\S+node\.properties -g$/);
    expect(calls[1]).toMatch(/-cp \/opt\/it's kafka\/libs\/\* kafka\.Kafka \S+node\.properties$/);
    expect(await readFile(folder.join('tmp/node.properties'), 'utf8')).toBe('a=b\n');
  });

  it('does not format a formatted volume again', async () => {
    await folder.write('log/meta.properties', '');
    expect(await run(launch({ format: FORMAT }))).toHaveLength(1);
  });

  it('does not start a node whose volume could not be formatted', async () => {
    const java = await folder.program('java', `echo "$@" >> ${folder.join('calls')}\nexit 1`);
    await expect(run(launch({ format: FORMAT }), { ...image, java })).rejects.toThrow();
    expect((await readFile(folder.join('calls'), 'utf8')).trimEnd().split('\n')).toHaveLength(1);
  });

  it("deletes the quorum's state, or the whole metadata log, if Strimzi does", async () => {
    await folder.write('log/__cluster_metadata-0/quorum-state', '');
    await run(launch({ deleteQuorumState: true }));
    expect(existsSync(folder.join('log/__cluster_metadata-0'))).toBe(true);
    expect(existsSync(folder.join('log/__cluster_metadata-0/quorum-state'))).toBe(false);
    await run(launch({ deleteMetadataLog: true }));
    expect(existsSync(folder.join('log/__cluster_metadata-0'))).toBe(false);
  });

  it('uses only class data that the image has', async () => {
    const archive = `${image.home}/kraft.jsa`;
    expect((await run(launch({})))[0]).not.toContain('SharedArchiveFile');
    const calls = await run(launch({}), { ...image, archives: [archive] });
    expect(calls.at(-1)).toContain(`-XX:SharedArchiveFile=${archive} -Xshare:auto`);
    const zookeeper = await run(launch({}, 'zookeeper'), { ...image, archives: [archive] });
    expect(zookeeper.at(-1)).not.toContain('SharedArchiveFile');
  });

  it('starts ZooKeeper with its audit log, and does not use the log folder', async () => {
    const script = startScript(image, launch({ format: FORMAT }, 'zookeeper'), undefined);
    expect(script).toContain("'-Dzookeeper.audit.enable=true'");
    expect(script).toContain('QuorumPeerMain');
    expect(script).not.toContain('StorageTool');
  });
});
