import { CLUSTER_LABEL, CONTROLLER_ROLE_LABEL } from '../../strimzi/resources.js';
import { quoted, ZOOKEEPER_SHELL } from '../../strimzi/shell.js';
import {
  type FileHeader,
  markOf,
  markOfCluster,
  OBJECT_SECTIONS,
  type ObjectSection,
  ZNODE_SECTIONS,
  type ZnodeSection,
} from './sections.js';
import { kubectlTo } from './shell.js';

/**
 * Shell commands that write what `inspect` judges of a cluster to a file for `inspect --from`: for a user who can run
 * kubectl where remigrate cannot run, or may not open port-forwards. They are read-only and read no Secret.
 */
export function printCommands(header: FileHeader): readonly string[] {
  const { context, namespace, cluster } = header;
  const kubectl = kubectlTo(context);
  const ofCluster = `${CLUSTER_LABEL}=${cluster}`;
  const objects: Readonly<Record<ObjectSection, string>> = {
    kafka: `${kubectl} -n ${namespace} get kafka ${cluster} -o json`,
    kafkanodepools: `${kubectl} -n ${namespace} get kafkanodepools -l ${ofCluster} -o json`,
    pods: `${kubectl} -n ${namespace} get pods -l ${ofCluster},${CONTROLLER_ROLE_LABEL}=true -o json`,
    persistentvolumeclaims: `${kubectl} -n ${namespace} get persistentvolumeclaims -l ${ofCluster} -o json`,
    persistentvolumes: `${kubectl} get persistentvolumes -o json`,
  };
  const shell = `${kubectl} -n ${namespace} exec ${cluster}-zookeeper-0 -- ${ZOOKEEPER_SHELL}`;
  const read = (path: ZnodeSection): string => (path === '/brokers/topics' ? `ls ${path}` : `get -s ${path}`);
  return [
    '{',
    `echo ${quoted(markOfCluster(header))}`,
    ...OBJECT_SECTIONS.map((section) => `echo ${quoted(markOf(section))}; ${objects[section]}`),
    ...ZNODE_SECTIONS.map((path) => `echo ${quoted(markOf(path))}; ${shell} ${read(path)}`),
    `} > ${cluster}.txt 2>&1`,
    `remigrate inspect --from ${cluster}.txt`,
  ];
}
