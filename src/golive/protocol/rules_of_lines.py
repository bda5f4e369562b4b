"""The rules for single lines: the script that a directive names, and the arguments that it gives."""

from golive.protocol.rule import error, warning

SCRIPTS = (
    error(
        "script-missing",
        "a script does not exist",
        "the line cannot run",
        "add the script, or correct the path",
    ),
    error(
        "script-outside",
        "a script is outside the repository",
        "what it does is not in any revision, and another machine has another one",
        "move it into the repository",
    ),
    error(
        "script-unreadable",
        "a script cannot be read",
        "what cannot be read cannot be checked",
        "make it a regular, readable file",
    ),
    error(
        "script-not-executable",
        "a script may not be executed",
        "directives are executed directly, without a shell",
        "chmod +x it",
    ),
    error(
        "script-without-interpreter",
        "a script does not say what runs it",
        "directives are executed directly, without a shell to guess",
        "begin it with a line like `#!/usr/bin/env python3`",
    ),
    error(
        "placeholder-open",
        "a placeholder is not filled in",
        "the line would run with the placeholder's own text",
        "fill it in, or pass its value to the run",
    ),
    error(
        "shell-words",
        "a line has words for a shell",
        "no shell reads it: they would be passed on as they stand, so the line is refused",
        "move the logic into the script, or quote the word if it is meant literally",
    ),
)

ARGUMENTS = (
    error(
        "flag-unknown",
        "a script does not know a flag",
        "it will refuse the line, or drop the flag",
        "correct the flag, or teach it to the script",
    ),
    warning(
        "flag-abbreviated",
        "a flag is abbreviated",
        "it works until the script gets another flag that begins alike",
        "write it in full",
    ),
    error(
        "flag-spelling",
        "a flag and its value are not written as the script reads them",
        "the script compares words as they stand",
        "write it as the script reads it",
    ),
    error("flag-missing", "a required flag is missing", "the script will refuse the line", "add the flag"),
    warning(
        "flag-ignored",
        "a script takes a flag and never looks at it",
        "the line promises something that does not happen",
        "use the flag's value in the script, or take the flag away",
    ),
    error(
        "flag-as-value",
        "a script takes a flag for a value",
        "it reads its words by position: it would act on something named like the flag",
        "let the script read flags, and refuse those that it does not know",
    ),
    error("value-missing", "a flag has no value", "the script expects one", "add the value"),
    error("value-unwanted", "a flag that is a switch has a value", "the script refuses it", "take the value away"),
    error("value-not-a-choice", "a value is none of those that a script knows", "it will refuse it", "correct it"),
    error("argument-missing", "an argument is missing", "the script will refuse the line", "add it"),
    error(
        "argument-extra",
        "there are more arguments than the script takes",
        "it will refuse the line, or drop them",
        "take them away",
    ),
    error("subcommand-unknown", "a script has no such subcommand", "it will refuse the line", "correct it"),
    error("subcommand-missing", "a subcommand is missing", "the script does nothing without one", "add it"),
    error(
        "arguments-ignored",
        "a script looks at none of its arguments",
        "it does the same whatever the line asks for",
        "let the script read its arguments, and refuse those that it does not know",
    ),
    error(
        "approval-ignored",
        "a script does not look at the flag that asks for an approval",
        "the line would go on without one",
        "let the script refuse to go on unless the approval counts",
    ),
    error(
        "dry-run-ignored",
        "a script does not look at the flag that asks for a dry run",
        "the dry run would be a real one",
        "let the script do nothing under the flag, and declare `# golive: dry-run=simulated`",
    ),
    error(
        "dry-run-not-shown",
        "a script does not show that it honours a dry run",
        "reading the flag is not honouring it; a plan refuses the line",
        "declare at its top what a dry run does: `# golive: dry-run=simulated`",
    ),
    warning(
        "contract-unknown",
        "what a script accepts could not be learned",
        "unknown is not fine: the line may do something else than it says",
        "declare its flags at its top, such as `# golive: flag --env VALUE`",
    ),
    warning(
        "declaration-unclear",
        "a declaration in a script cannot be read",
        "it counts for nothing",
        "write it as the reference shows",
    ),
    error(
        "declaration-contradicted",
        "a script's declaration is not what its text does",
        "one of the two is wrong, and nobody can tell which",
        "correct the declaration, or the script",
    ),
)
