#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion for bash, zsh and fish, of what the programs' --help says.

usage: completion.py NTA NTAD FOLDER      writes nta.bash, _nta, nta.fish
"""
import pathlib
import re
import subprocess
import sys

import help_text

HEAD = "# Made from what nta --help and ntad --help say; docs/manual/completion.py\n"
FILES, FOLDERS = ("FILE", "PATH"), ("DIR",)


class Command:
    """What is completed behind `nta NAME` (or ntad, whose name is "")."""
    def __init__(self, program, name, text, told):
        self.program, self.name, self.text = program, name, text
        self.options = told.options()
        self.subcommands = told.subcommands(name) if name else []
        self.takes_files = any(re.search(r"\bFILE\b|CASE\.zip", re.sub(r"--?\w+ FILE\S*", "", line))
                               for line in told.usage)

    def values(self, option):
        """Words that the program takes as this option's argument."""
        return [w for w in option.words() if takes(self.program, self.name, option.name, w)]

    def names(self):
        """Each option as it is typed; those that are twice in the text once."""
        words = [w for o in self.options for w in
                 ([f"-{o.letter}"] if o.letter else []) + [f"--{o.name}"]]
        return list(dict.fromkeys(words))


TAKEN = {}


def takes(program, command, option, word):
    """Does it?  --help behind it keeps the command from doing anything; asked once for all
    commands, since those that share an option share what it takes."""
    if option == "on":
        return False    # periods are looked at when all options are there
    if (option, word) not in TAKEN:
        done = subprocess.run([program, command, f"--{option}", word, "--help"],
                              capture_output=True, timeout=60)
        TAKEN[option, word] = done.returncode == 0
    return TAKEN[option, word]


def kind_of(command, option):
    """(what an argument is: "files", "folders", "words", "text" or "": none, the words)."""
    if not option.argument:
        return "", []
    if option.argument in FILES or option.argument.startswith("FILE."):
        return "files", []
    if option.argument in FOLDERS:
        return "folders", []
    values = command.values(option)
    return ("words", values) if values else ("text", [])


def bash_cases(command, prefix):
    """How the argument of an option is completed: patterns of the word before."""
    found = {}
    for option in command.options:
        kind, values = kind_of(command, option)
        if kind and not option.optional:
            names = ([f"-{option.letter}"] if option.letter else []) + [f"--{option.name}"]
            found.setdefault((kind, tuple(values)), []).extend(f"{prefix}{n}" for n in names)
    return found


BASH = HEAD + r'''
_nta_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_nta_files()
{
    local IFS=$'\n'
    compopt -o filenames 2> /dev/null
    COMPREPLY=($(compgen "$1" -- "$cur"))
}

# The argument of an option, if the word before is one that has it: 0, and COMPREPLY.
_nta_argument()
{
    case "$1:$2" in
@ARGUMENTS@
    *) return 1 ;;
    esac
}

_nta()
{
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]}

    COMPREPLY=()
    # --option=word: "=" is a word of its own
    if [ "$cur" = = ]; then
        cur=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    if [ "$COMP_CWORD" -eq 1 ]; then
        _nta_words "@COMMANDS@ help --help --version"
        return
    fi
    [ "$command" = help ] && { _nta_words "@COMMANDS@"; return; }
    _nta_argument "$command" "$before" && return
    case $command in
@WORDS@
    esac
}

_ntad()
{
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}

    COMPREPLY=()
    _nta_argument "" "$before" && return
    _nta_words "@NTAD@"
}
complete -F _nta nta
complete -F _ntad ntad
'''


def bash(commands, ntad):
    arguments, words = [], []
    for command in commands + [ntad]:
        for (kind, values), patterns in bash_cases(command, f"{command.name}:").items():
            what = {"files": "_nta_files -f", "folders": "_nta_files -d", "text": ":",
                    "words": f'_nta_words "{" ".join(values)}"'}[kind]
            arguments.append(f"    {' | '.join(dict.fromkeys(patterns))}) {what} ;;")
    for command in commands:
        lines = f'        if [[ $cur == -* ]]; then _nta_words "{" ".join(command.names())}"\n'
        if command.subcommands:
            lines += '        elif [ "$COMP_CWORD" -eq 2 ]; then ' \
                f'_nta_words "{" ".join(command.subcommands)}"\n'
        if command.takes_files:
            lines += "        else _nta_files -f\n"
        words.append(f"    {command.name})\n{lines}        fi ;;")
    return BASH.replace("@ARGUMENTS@", "\n".join(arguments)).replace("@WORDS@", "\n".join(words)) \
        .replace("@COMMANDS@", " ".join(c.name for c in commands)) \
        .replace("@NTAD@", " ".join(ntad.names()))


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def short(text):
    """The first thing that is said of it."""
    return re.split(r"[;:] |\.  ", text)[0].strip()


def zsh_option(command, option):
    kind, values = kind_of(command, option)
    what = {"files": "_files", "folders": "_files -/", "text": " ", "": "",
            "words": f"({' '.join(values)})"}[kind]
    said = re.sub(r"([\[\]:\\])", r"\\\1", short(option.text)) or option.name
    colon = "::" if option.optional else ":"
    argument = f"{colon}{option.argument.lower().replace(':', ' ')}:{what}" if kind else ""
    long = f"--{option.name}" + ("=-" if option.optional else "=" if kind else "")
    names = [(f"-{option.letter}" + ("+" if kind else ""))] if option.letter else []
    return "\n".join(f"            {quoted('*' + name + '[' + said + ']' + argument)} \\"
                     for name in names + [long])


def zsh(commands, ntad):
    out = ["#compdef nta ntad", HEAD, "_nta_daemon()", "{", "    _arguments \\"]
    out += [zsh_option(ntad, o) for o in ntad.options] + ["            && return 0", "}", ""]
    out += ["_nta_command()", "{", "    local -a commands", "    commands=("]
    out += [f"        {quoted(c.name + ':' + c.text.replace(':', chr(92) + ':'))}"
            for c in commands]
    out += ["    )", "    if (( CURRENT == 2 )); then",
            "        _describe -t commands 'command of nta' commands",
            "        _arguments '--help[what there is]' '--version[which build this is]'",
            "        return", "    fi",
            "    local command=$words[2]", "    shift words", "    (( CURRENT-- ))",
            "    case $command in", "    help) _describe -t commands 'command of nta' commands ;;"]
    for command in commands:
        out += [f"    {command.name})", "        _arguments \\"]
        out += [zsh_option(command, o) for o in command.options]
        rest = "_files" if command.takes_files else " "
        if command.subcommands:
            out.append(f"            '1:what:({' '.join(command.subcommands)})' \\")
        out += [f"            '*:argument:{rest}' ;;"]
    return "\n".join(out + ["    esac", "}", "", "case $service in", "ntad) _nta_daemon ;;",
                            "*) _nta_command ;;", "esac", ""])


def fish_option(command, condition, option):
    program = "nta" if command.name else "ntad"
    kind, values = kind_of(command, option)
    parts = [f"complete -c {program}", condition, f"-s {option.letter}" if option.letter else "",
             f"-l {option.name}", f"-d {quoted_fish(short(option.text))}"]
    if kind == "words":
        parts.append(f"-x -a {quoted_fish(' '.join(values))}" if not option.optional else "")
    elif kind == "folders":
        parts.append("-x -a '(__fish_complete_directories)'")
    elif kind == "files":
        parts.append("-r -F")
    elif kind and not option.optional:
        parts.append("-x")
    return " ".join(p for p in parts if p)


def quoted_fish(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(commands, ntad):
    names = " ".join(c.name for c in commands)
    out = [HEAD + "complete -c nta -f", "complete -c ntad -f"]
    first = f"-n 'not __fish_seen_subcommand_from {names} help'"
    for command in commands:
        out.append(f"complete -c nta {first} -a {command.name} -d {quoted_fish(command.text)}")
    out.append(f"complete -c nta {first} -a help -d 'what a command does'")
    out += [f"complete -c nta {first} -l {word}" for word in ("help", "version")]
    out.append(f"complete -c nta -n '__fish_seen_subcommand_from help' -a {quoted_fish(names)}")
    for command in commands:
        seen = f"-n '__fish_seen_subcommand_from {command.name}'"
        out += [fish_option(command, seen, o) for o in command.options]
        for word in command.subcommands:
            out.append(f"complete -c nta {seen} -a {word}")
        if command.takes_files:
            out.append(f"complete -c nta {seen} -F")
    return "\n".join(out + [fish_option(ntad, "", o) for o in ntad.options] + [""])


def main():
    nta, ntad, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    commands = [Command(nta, name, text, told)
                for name, (text, told) in help_text.commands(nta).items()]
    daemon = Command(ntad, "", "", help_text.parse(help_text.run(ntad, "--help")))
    (folder / "nta.bash").write_text(bash(commands, daemon))
    (folder / "_nta").write_text(zsh(commands, daemon))
    (folder / "nta.fish").write_text(fish(commands, daemon))


main()
