import { count, listNames, syncText, timeSpan } from '../../journal/text.js';
import type { Vanishing } from '../../journal/vanishing.js';
import { byWriter } from './wording.js';

/** `10 topics vanished from ZooKeeper at 13.9 s, 0.4 s after ..., by session 0x..., controller 1: a, b` */
export function describeVanishing(vanishing: Vanishing): string {
  return `${count(vanishing.topics.length, 'topic')} vanished from ZooKeeper ${when(vanishing)}: ${listNames(vanishing.topics)}`;
}

/** `at 13.9 s, 0.4 s after the full metadata sync of my-cluster-controller-1, by session 0x..., controller 1` */
export function when(vanishing: Vanishing): string {
  const preceded = preceding(vanishing);
  const { from, to, writer } = vanishing;
  return `${timeSpan(from, to)}${preceded === undefined ? '' : `, ${preceded}`}${byWriter(writer)}`;
}

/**
 * What preceded a vanishing, for its evidence: `0.4 s after the full metadata sync of P, which wrote {DeleteTopic=10}`
 */
export function precedent(vanishing: Vanishing): string | undefined {
  const preceded = preceding(vanishing);
  const { wrote } = vanishing;
  return preceded === undefined || wrote === undefined ? preceded : `${preceded}, which wrote ${wrote}`;
}

/** A message names pods in full: it can be read without the rest of its journal. */
function preceding(vanishing: Vanishing): string | undefined {
  return syncText(vanishing, '');
}
