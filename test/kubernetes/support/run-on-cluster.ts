import { type CommandResult, remigrateRun } from '../../scenarios/support.js';

const { REMIGRATE_TEST_KUBECONFIG = '', REMIGRATE_TEST_CONTEXT = '', REMIGRATE_TEST_MANIFESTS = '' } = process.env;

/** The options for the tests' cluster. */
export const ON_CLUSTER = ['--context', REMIGRATE_TEST_CONTEXT, '--kubeconfig', REMIGRATE_TEST_KUBECONFIG] as const;

/** Runs `remigrate run ARGS` on the tests' cluster. @param manifests of the operator; the stand-in's if omitted. */
export function runOnCluster(args: readonly string[], manifests = REMIGRATE_TEST_MANIFESTS): Promise<CommandResult> {
  return remigrateRun([...args, '--env', 'kubernetes', ...ON_CLUSTER, '--operator-manifests', manifests]);
}
