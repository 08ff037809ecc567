#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { RemigrateError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { compareCommand } from './compare.js';
import { doctorCommand } from './doctor.js';
import { listCommand } from './list.js';
import { runCommand } from './run.js';
import { showCommand } from './show.js';

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

function program(): Command {
  const command = new Command('remigrate')
    .description(
      'Regression tests for Kafka clusters that Strimzi moves from ZooKeeper to KRaft, rolls back, and moves again',
    )
    .version(packageVersion())
    .showHelpAfterError('(remigrate --help tells the options)')
    .exitOverride();
  for (const sub of [runCommand(), compareCommand(), showCommand(), listCommand(), doctorCommand()]) {
    command.addCommand(sub.exitOverride());
  }
  return command;
}

/** Runs the command line; the answer is the exit code: 0 as expected, 1 not, 2 usage, 3 inconclusive. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof RemigrateError) {
      process.stderr.write(`remigrate: ${error.message}\n`);
      return error.exitCode;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv);
