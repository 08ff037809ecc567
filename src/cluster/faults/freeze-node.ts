import type { Fault } from './fault.js';

/** As with a stopped process (SIGSTOP), a paused container, or a virtual machine that its host has suspended. */
export const freezeNode = {
  name: 'freeze-node',
  title: 'a node stops without ending: its connections stay open, and nothing answers, until it is thawed',
  environments: ['local', 'containers'],
  elsewhere: "the kubelet's liveness probe soon restarts a container that does not answer, so no node stays frozen",
  inject: (nodes, pod) => nodes.freeze(pod),
  undo: (nodes, pod) => nodes.thaw(pod),
} as const satisfies Fault;
