import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { HELP_CONFIGURATION } from '../../../src/cli/help.js';
import { collect } from '../../../src/cli/options.js';

function command(): Command {
  return new Command()
    .configureHelp(HELP_CONFIGURATION)
    .exitOverride()
    .option('--keep', 'keep it', false)
    .option('--context <name>', 'a context', collect, [])
    .option('--only <name>', 'only these', collect, ['all'])
    .option('--kafka <version>', 'a version', '3.9.0');
}

describe('the help of an option', () => {
  it('does not print a default of false or of an empty list', () => {
    const help = command().helpInformation();
    expect(help).toMatch(/ keep it$/m);
    expect(help).toMatch(/ a context$/m);
  });

  it('prints every other default', () => {
    const help = command().helpInformation();
    expect(help).toContain('only these (default: ["all"])');
    expect(help).toContain('a version (default: "3.9.0")');
  });

  it('does not change the default itself', () => {
    const parsed = command();
    parsed.helpInformation();
    expect(parsed.parse([], { from: 'user' }).opts()).toEqual({
      keep: false,
      context: [],
      only: ['all'],
      kafka: '3.9.0',
    });
  });
});
