import { Engine } from './engine.js';

/**
 * Run by the guardian of a call: `node remove.js LABEL removed|kept` removes what carries the label in Docker, and volumes
 * unless they are to be kept.
 */
const [label, volumes] = process.argv.slice(2);
if (label === undefined || (volumes !== 'removed' && volumes !== 'kept')) {
  throw new Error('usage: node remove.js LABEL removed|kept: this program is run by remigrate itself');
}
const engine = await Engine.connect(process.env);
await engine.removeLabelled(label, { volumes });
