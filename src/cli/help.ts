import { Help, type HelpConfiguration, Option } from 'commander';

/**
 * The help of every command: commander's, but without `(default: false)` and `(default: [])`, which only say that the
 * option is not set.
 */
export const HELP_CONFIGURATION: HelpConfiguration = {
  optionDescription: (option) => new Help().optionDescription(isUnset(option) ? withoutDefault(option) : option),
};

/** Whether the option is not set by default. */
function isUnset({ defaultValue }: Option): boolean {
  return defaultValue === false || (Array.isArray(defaultValue) && defaultValue.length === 0);
}

/** A copy for the description: the option itself keeps its default. */
function withoutDefault(option: Option): Option {
  return Object.assign(new Option(option.flags, option.description), option, { defaultValue: undefined });
}
