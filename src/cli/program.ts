import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from '../package-root.js';
import { cleanupCommand } from './cleanup.js';
import { compareCommand } from './compare.js';
import { diffCommand } from './diff.js';
import { doctorCommand } from './doctor.js';
import { exitCodeOfWriteError, reportError } from './exit.js';
import { guardExit } from './exit-guard.js';
import { HELP_CONFIGURATION } from './help.js';
import { inspectCommand } from './inspect.js';
import { listCommand } from './list.js';
import { recordCommand } from './record.js';
import { runCommand } from './run.js';
import { showCommand } from './show.js';
import { snapshotCommand } from './snapshot.js';

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

function program(): Command {
  const command = new Command('remigrate')
    .description(
      'Regression tests for Kafka clusters that Strimzi migrates from ZooKeeper to KRaft, rolls back, and migrates again',
    )
    .version(packageVersion())
    .configureHelp(HELP_CONFIGURATION)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'remigrate: ')) })
    .showHelpAfterError("Run 'remigrate --help' for a list of commands.")
    .exitOverride();
  for (const sub of [
    runCommand(),
    compareCommand(),
    showCommand(),
    listCommand(),
    doctorCommand(),
    recordCommand(),
    cleanupCommand(),
    inspectCommand(),
    snapshotCommand(),
    diffCommand(),
  ]) {
    sub
      .copyInheritedSettings(command)
      .showHelpAfterError(`Run 'remigrate ${sub.name()} --help' for a list of options.`);
    command.addCommand(sub);
  }
  return command;
}

/**
 * Runs the command line. Returns the exit code: 0 as expected, 1 not as expected, 2 wrong usage, 3 inconclusive, 70 a
 * bug (exit.ts), 128 plus the signal's number if a signal ended it.
 */
async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error, process.stderr);
  }
}

// Both end the process immediately. The guardian of a run then cleans up what the run started.
process.on('uncaughtException', (error) => process.exit(reportError(error, process.stderr)));
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => process.exit(exitCodeOfWriteError(error)));
}

const reachedVerdict = guardExit(process);
process.exitCode = await main(process.argv);
reachedVerdict();
