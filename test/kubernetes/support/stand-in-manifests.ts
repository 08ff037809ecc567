import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';

const { REMIGRATE_TEST_MANIFESTS = '' } = process.env;

interface EnvVar {
  readonly name: string;
  readonly value?: string;
}

/** The fields of the operator's pod that tests change. */
export interface OperatorPodSpec {
  readonly containers: readonly { readonly name: string; readonly env: readonly EnvVar[] }[];
}

interface Deployment extends KubeObject {
  readonly spec: { readonly template: { readonly spec: OperatorPodSpec } };
}

/** Where the stand-in's manifests for one version are. */
export function releaseFolder(version: string): string {
  return REMIGRATE_TEST_MANIFESTS.replaceAll('{version}', version);
}

/**
 * Copies the stand-in's manifests for one version, with another pod in its Deployment.
 * @param folder is created. @returns the folder.
 */
export async function changedManifests(
  folder: string,
  version: string,
  change: (pod: OperatorPodSpec) => object,
): Promise<string> {
  await cp(releaseFolder(version), folder, { recursive: true });
  const file = join(folder, '060-Deployment-strimzi-cluster-operator.yaml');
  const deployment = parse(await readFile(file, 'utf8')) as Deployment;
  const { template } = deployment.spec;
  const changed = { ...deployment.spec, template: { ...template, spec: change(template.spec) } };
  await writeFile(file, stringify({ ...deployment, spec: changed }));
  return folder;
}

/** The same, with more variables in the operator's environment. */
export function manifestsWith(
  folder: string,
  version: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const more = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return changedManifests(folder, version, (pod) => ({
    ...pod,
    containers: pod.containers.map((container) => ({
      ...container,
      env: [...container.env.filter(({ name }) => !(name in environment)), ...more],
    })),
  }));
}
