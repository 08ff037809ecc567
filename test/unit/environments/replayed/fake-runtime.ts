import type {
  NodeIdentity,
  NodeLaunch,
  NodeRuntime,
  Stopped,
  VolumeContent,
} from '../../../../src/environments/node-runtime.js';

/** A runtime without processes: the test supplies the nodes' logs and exits. */
export class FakeRuntime implements NodeRuntime {
  /** The calls, in order: `start my-cluster-broker-0`. */
  readonly calls: string[] = [];
  readonly launches: NodeLaunch[] = [];
  readonly volumes = new Map<string, VolumeContent>();
  readonly logs = new Map<string, readonly string[]>();
  /** What keeps processes from running, by pod. */
  readonly stoppedStates = new Map<string, string>();
  /** The result of a stop. */
  stopped: Stopped | undefined = { signal: 'SIGTERM' };
  /** Where every node is reached. */
  address = '127.0.0.1:1';
  /** Called when a process has been started. */
  onStart: (pod: string) => void = () => undefined;
  /** Called while a process is being stopped. */
  onStop: (pod: string) => void = () => undefined;
  /** What a start waits for. */
  beforeStart: () => Promise<void> = async () => undefined;

  async add(node: NodeIdentity): Promise<void> {
    this.calls.push(`add ${node.pod}`);
  }

  clientAddress(): string {
    return this.address;
  }

  questionAddress(): string {
    return this.address;
  }

  async kill(pod: string): Promise<void> {
    this.calls.push(`kill ${pod}`);
  }

  async freeze(pod: string): Promise<void> {
    this.calls.push(`freeze ${pod}`);
  }

  async thaw(pod: string): Promise<void> {
    this.calls.push(`thaw ${pod}`);
  }

  async stoppedState(pod: string): Promise<string | undefined> {
    return this.stoppedStates.get(pod);
  }

  async volume(pod: string): Promise<VolumeContent> {
    return this.volumes.get(pod) ?? { formatted: false, metadataLog: false };
  }

  async start(launch: NodeLaunch): Promise<void> {
    await this.beforeStart();
    this.calls.push(`start ${launch.node.pod}`);
    this.launches.push(launch);
    this.onStart(launch.node.pod);
  }

  async stop(pod: string, graceMs: number): Promise<Stopped | undefined> {
    this.calls.push(`stop ${pod}, ${graceMs} ms`);
    this.onStop(pod);
    return this.stopped;
  }

  async wipe(pod: string): Promise<void> {
    this.calls.push(`wipe ${pod}`);
  }

  async writeMetaProperties(pod: string, content: string): Promise<void> {
    this.calls.push(`write meta.properties of ${pod}: ${content}`);
  }

  isRunning(pod: string): boolean {
    return this.launches.some(({ node }) => node.pod === pod);
  }

  lastLogLines(pod: string, count: number): readonly string[] {
    return (this.logs.get(pod) ?? []).slice(-count);
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}
