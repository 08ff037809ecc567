import { Engine } from './engine.js';

/**
 * Run by the guardian of a call: `node remove.js LABEL removed|kept` removes what has the label in Docker, and volumes
 * unless they are kept.
 */
const [label, volumes] = process.argv.slice(2);
if (label === undefined || (volumes !== 'removed' && volumes !== 'kept')) {
  throw new Error('usage: node remove.js LABEL removed|kept: remigrate runs this program');
}
const engine = await Engine.connect(process.env);
await engine.removeLabelled(label, { volumes });
